import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

/** An answer of DynamoDB's API. */
export interface TableResponse {
  status: number;
  body: string;
}

/** DynamoDB's API over HTTP, of a package without types. */
type Dynalite = (options: { path: string; createTableMs: number; deleteTableMs: number }) => Server;

const API = 'DynamoDB_20120810';

/** What the server wants to see of a signature, which it does not check. */
const SIGNATURE = {
  authorization: 'AWS4-HMAC-SHA256 Credential=any/20260101/any/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260101T000000Z',
};

/**
 * A server of tables, whose data is in a folder and survives a restart. Only this process can reach it: it listens on a
 * socket in a folder of its own, because it checks neither signatures nor rights.
 */
export const startTableServer = async (folder: string) => {
  const dynalite: Dynalite = createRequire(import.meta.url)('dynalite'); // a third of a second, only where it is needed
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const socketFolder = mkdtempSync(join(tmpdir(), 'dynamodb-'));
  const socketPath = join(socketFolder, 'socket');
  const server: Server = dynalite({ path: join(folder, 'tables'), createTableMs: 0, deleteTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(socketPath, resolve);
  });

  const send = (operation: string, body: string | Buffer): Promise<TableResponse> =>
    new Promise((resolve, reject) => {
      const headers = {
        ...SIGNATURE,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `${API}.${operation}`,
        'content-length': Buffer.byteLength(body),
      };
      request({ socketPath, method: 'POST', path: '/', headers, agent: false }, async (response) => {
        resolve({ status: response.statusCode ?? 0, body: (await buffer(response)).toString('utf8') });
      })
        .once('error', reject)
        .end(body);
    });

  /** The requests under way: the server throws what nothing can catch when it is closed in the middle of one. */
  const pending = new Set<Promise<unknown>>();
  let isStopping = false;

  return {
    /** Asks the server, with a body in JSON. Rejects once it stops. */
    ask: async (operation: string, body: string | Buffer): Promise<TableResponse> => {
      if (isStopping) throw new Error('The server of tables has stopped.');
      const answer = send(operation, body);
      pending.add(answer);
      return answer.finally(() => pending.delete(answer));
    },

    stop: async (): Promise<void> => {
      isStopping = true;
      await Promise.allSettled(pending);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      rmSync(socketFolder, { recursive: true, force: true });
    },
  };
};

export type TableServer = Awaited<ReturnType<typeof startTableServer>>;
