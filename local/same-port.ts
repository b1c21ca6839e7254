import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';

/** The port that a file names; 0, which stands for any, when there is none. */
const readPort = (file: string): number => (existsSync(file) ? Number(readFileSync(file, 'utf8')) || 0 : 0);

/**
 * Listens on this machine, on the port that `file` names if no other program has taken it, else on any, and writes the
 * port to the file. Resolves to the port.
 */
export const listenOnSamePort = async (server: Server, file: string | undefined): Promise<number> => {
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(file === undefined ? 0 : readPort(file)).catch(() => listen(0));
  const { port } = server.address() as AddressInfo;
  if (file !== undefined) writeFileSync(file, String(port));
  return port;
};
