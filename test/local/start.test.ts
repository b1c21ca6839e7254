import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CONNECTIONS } from '../../lambdas/contract/connections.ts';
import { BREAKAGES } from '../../local/breakages.ts';
import { dataFolder } from '../support/local-run.ts';
import { connect } from '../support/mcp-client.ts';
import { root } from '../support/source-files.ts';

const folders: string[] = [];
const newFolder = () => {
  const folder = dataFolder();
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** `npm start` in a process of its own, with what it says. */
const start = (data: string, ...options: string[]) => {
  const all = ['--data', data, '--port', '0', '--postgres-port', '0', ...options];
  const child = spawn(process.execPath, ['--import', 'tsx', 'bin/local.ts', ...all], { cwd: root });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text) => {
    said.out += text;
  });
  child.stderr.on('data', (text) => {
    said.err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, said, ended };
};

/** Ids of the processes that a process started, and those they started. */
const descendantsOf = ({ pid }: ChildProcess): number[] => {
  const pairs = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    pairs.flatMap(([id = 0, of]) => (of === parent ? [id, ...below(id)] : []));
  return below(pid ?? 0);
};
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('with --json says one line on stdout when ready, refuses a second copy, and Ctrl-C ends all it started', async () => {
  const folder = newFolder();
  const { child, said, ended } = start(folder, '--json');
  await expect.poll(() => said.out, { timeout: 60_000, interval: 200 }).toContain('\n');
  expect(said.out.trim().split('\n')).toHaveLength(1);
  expect(said.err).toContain(`All ${CONNECTIONS.length} arrows carry.`);
  const ready = JSON.parse(said.out);
  expect(Object.keys(ready)).toEqual(['ready', 'mcp', 'page', 'postgres']);
  const client = await connect(ready.mcp, '2025-11-25');
  expect((await client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' } })).isError ?? false).toBe(
    false,
  );
  await client.close();

  const second = start(folder);
  expect(await second.ended).toBe(1);
  expect(second.said.err).toMatch(/^Toolwatch already runs on .* \(process \d+\); stop that one first\.\n$/);

  const started = descendantsOf(child);
  expect(started.length).toBeGreaterThan(3);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  await expect.poll(() => started.filter(isAlive)).toEqual([]);
});

test('with something taken out, it says which arrow is broken in one sentence, and ends with a failure', async () => {
  const { said, ended } = start(newFolder(), '--break', 'log-metrics');
  expect(await ended).toBe(1);
  expect(said.out).toContain('Taken out: the log group’s class, of which alone metrics are made.\n');
  expect(said.err).toMatch(/^The connection log → metrics is broken: [^\n]+\.\n$/);
});

test('what can be taken out is listed, with the arrow', async () => {
  const { said, ended } = start(newFolder(), '--break', 'list');
  expect(await ended).toBe(0);
  const lines = said.out.trim().split('\n');
  expect(lines).toHaveLength(BREAKAGES.length);
  expect(lines).toContainEqual(expect.stringMatching(/^log-ingest-filter +log → ingest +the subscription filter$/));
});

test('a port in use is said in one sentence', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => taken.once('listening', listening));
  const { port } = taken.address() as AddressInfo;
  const { said, ended } = start(newFolder(), '--port', String(port));
  expect(await ended).toBe(1);
  expect(said.err).toBe(`Port ${port} is in use; stop what listens there, or choose another with --port.\n`);
  taken.close();
});

test('a port in use for PostgreSQL is said in one sentence', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => taken.once('listening', listening));
  const { port } = taken.address() as AddressInfo;
  const { said, ended } = start(newFolder(), '--postgres-port', String(port));
  expect(await ended).toBe(1);
  expect(said.err).toMatch(new RegExp(`^Port ${port} is in use.*PostgreSQL.*\\n$`));
  taken.close();
});

test('a damaged data folder is said in one sentence that names it', async () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'postgres'));
  writeFileSync(join(folder, 'postgres', 'rubbish'), 'x');
  const { said, ended } = start(folder);
  expect(await ended).toBe(1);
  expect(said.err.trim().split('\n')).toHaveLength(1);
  expect(said.err).toContain(join(folder, 'postgres'));
});

test.each([
  [['--port', 'http'], '--port wants a port, 0 to 65535, and got http.\n'],
  [['--break', 'everything'], '--break wants list or one of deployment-migrate, migrate-store,'],
  [['--nonsense'], "Unknown option '--nonsense'"],
])('%s is refused', async (options, words) => {
  const { said, ended } = start(newFolder(), ...options);
  expect(await ended).toBe(1);
  expect(said.err).toContain(words);
});
