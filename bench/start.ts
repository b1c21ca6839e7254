import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { checkLimits, printTable } from './table.ts';

const MAX_SECONDS = 20;
const RUNS = 2;
const root = join(import.meta.dirname, '..');

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** Runs `npm start` with an empty data folder, calls one tool, and stops it. Seconds since the command was given. */
const measureStart = async (): Promise<{ ready: number; replied: number }> => {
  // Inside the project, because bundles find the AWS SDK in the project's packages.
  const data = join(root, `.toolwatch-bench-${randomUUID()}`);
  mkdirSync(data);
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  const args = ['start', '--silent', '--', '--json', '--port', String(await freePort())];
  const child = spawn('npm', [...args, '--postgres-port', String(await freePort()), '--data', data], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const exited = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { mcp, page } = JSON.parse(line) as { mcp: string; page: string };
      const ready = seconds();
      const client = new Client({ name: 'bench', version: '1' });
      const headers = { authorization: `Bearer ${await (await fetch(`${page}/local/token`)).text()}` };
      await client.connect(new StreamableHTTPClientTransport(new URL(mcp), { requestInit: { headers } }));
      const { isError } = await client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' } });
      if (isError) throw new Error('The first call failed.');
      await client.close();
      return { ready, replied: seconds() };
    }
    throw new Error('npm start ended before it was ready; see its output above.');
  } finally {
    // npm, the shell and the program are one process group: end all of it as Ctrl+C does.
    if (child.pid) process.kill(-child.pid, 'SIGINT');
    await exited;
    rmSync(data, { recursive: true, force: true });
  }
};

/** Measures how long a first `npm start` takes until a tool has replied. */
export const run = async (): Promise<boolean> => {
  const rows: { run: number; 'ready, s': number; 'first reply, s': number }[] = [];
  for (let number = 1; number <= RUNS; number += 1) {
    const { ready, replied } = await measureStart();
    rows.push({ run: number, 'ready, s': ready, 'first reply, s': replied });
  }
  printTable(rows);
  const slowest = Math.max(...rows.map((row) => row['first reply, s']));
  return checkLimits([{ what: 'npm start to the first reply, seconds', measured: slowest, atMost: MAX_SECONDS }]);
};
