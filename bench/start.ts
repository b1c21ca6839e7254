import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { checkLimits, printTable } from './table.ts';

const LIMIT_SECONDS = 20;
const RUNS = 2;
const root = resolve(import.meta.dirname, '..');

const freePort = (): Promise<number> =>
  new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => found(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** Starts the product with an empty data folder, calls one tool, and stops it. Seconds since the command was given. */
const once = async (): Promise<{ ready: number; answered: number }> => {
  // Not in the system's temporary folder: bundles find the AWS SDK in the project's packages.
  const data = join(root, `.toolwatch-bench-${randomUUID()}`);
  mkdirSync(data);
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1_000;
  const args = ['start', '--silent', '--', '--json', '--port', String(await freePort())];
  const child = spawn('npm', [...args, '--postgres-port', String(await freePort()), '--data', data], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = new Promise((done) => {
    child.once('exit', done);
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { mcp } = JSON.parse(line) as { mcp: string };
      const ready = seconds();
      const client = new Client({ name: 'bench', version: '1' });
      await client.connect(new StreamableHTTPClientTransport(new URL(mcp)));
      const { isError } = await client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' } });
      if (isError) throw new Error('The first call failed.');
      await client.close();
      return { ready, answered: seconds() };
    }
    throw new Error('It never became ready; its own words stand above.');
  } finally {
    // npm, the shell and the program are one group: all of it ends, by the signal a person would send.
    if (child.pid) process.kill(-child.pid, 'SIGINT');
    await ended;
    rmSync(data, { recursive: true, force: true });
  }
};

/** How long a newcomer waits from `npm start` to the first answer of a tool. */
export const run = async (): Promise<boolean> => {
  const rows: { run: number; 'ready, s': number; 'first answer, s': number }[] = [];
  for (let at = 1; at <= RUNS; at += 1) {
    const { ready, answered } = await once();
    rows.push({ run: at, 'ready, s': ready, 'first answer, s': answered });
  }
  printTable(rows);
  const slowest = Math.max(...rows.map((row) => row['first answer, s']));
  return checkLimits([{ what: 'npm start to the first answer, seconds', measured: slowest, atMost: LIMIT_SECONDS }]);
};
