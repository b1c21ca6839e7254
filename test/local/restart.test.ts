import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { createDataFolder, scriptHeaders } from '../support/local-run.ts';
import { connect } from '../support/mcp-client.ts';
import { root } from '../support/source-files.ts';

const START_TIMEOUT_MS = 240_000;
const folder = createDataFolder();
const running = new Set<ChildProcess>();
const pidFile = join(folder, 'postgres/postmaster.pid');

/** Ends the database as a shutdown of the machine would; it outlives a local run that is killed. */
const stopDatabase = async (): Promise<void> => {
  if (!existsSync(pidFile)) return;
  process.kill(Number(readFileSync(pidFile, 'utf8').split('\n')[0]), 'SIGINT');
  await expect.poll(() => existsSync(pidFile)).toBe(false);
};
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await stopDatabase();
  rmSync(folder, { recursive: true, force: true });
});

const findFreePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
const port = await findFreePort();

/** Runs `npm start` in a process of its own, always on the same port, and resolves once it is ready. */
const start = async () => {
  const args = ['--data', folder, '--port', String(port), '--postgres-port', '0', '--json'];
  const child = spawn(process.execPath, ['--import', 'tsx', 'bin/local.ts', ...args], { cwd: root });
  running.add(child);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  ended.then(() => running.delete(child));
  let ready = '';
  let progress = '';
  child.stdout.on('data', (text) => {
    ready += text;
  });
  child.stderr.on('data', (text) => {
    progress += text;
  });
  await expect.poll(() => ready, { timeout: START_TIMEOUT_MS, interval: 200 }).toContain('\n');
  const { mcp, page, postgres } = JSON.parse(ready) as { mcp: string; page: string; postgres: string };
  return { child, ended, mcp, page, postgres, progress: () => progress };
};

const countStored = async (url: string, name: string): Promise<number> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('select count(*)::int as n from analytics.invocations where name = $1', [name]);
  await client.end();
  return rows[0].n;
};

const queuedEvents = (): string => readFileSync(join(folder, 'queues/lambda-events.jsonl'), 'utf8');

test(
  'a call that was made while the database was down is stored after the whole run was killed and started again',
  async () => {
    const first = await start();
    await stopDatabase();
    const client = await connect(first.mcp, '2025-11-25', await scriptHeaders(first.page));
    const result = await client.callTool({ name: 'csv_profile', arguments: { csv: 'a,b\n1,2\n' } });
    expect(result.isError ?? false).toBe(false);
    await client.close();
    // The event of its line has been accepted for ingest, and has failed once.
    await expect.poll(queuedEvents).toMatch(/"name":"\w+-ingest".*"attempts":1/);
    first.child.kill('SIGKILL');
    await first.ended;

    const second = await start();
    expect(second.progress()).not.toContain('lost');
    // Nothing has changed that the stacks are made from.
    expect(first.progress()).toContain('stacks synthesized');
    expect(second.progress()).not.toContain('stacks synthesized');
    await expect.poll(() => countStored(second.postgres, 'csv_profile'), { timeout: 120_000 }).toBe(1);
    second.child.kill('SIGINT');
    await second.ended;
  },
  3 * START_TIMEOUT_MS,
);
