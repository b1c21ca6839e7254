import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { CONNECTIONS } from '../../lambdas/contract/connections.ts';
import { BREAKAGES } from '../../local/breakages.ts';
import { createDataFolder, scriptHeaders } from '../support/local-run.ts';
import { connect } from '../support/mcp-client.ts';
import { root } from '../support/source-files.ts';

const run = promisify(execFile);
const folders: string[] = [];
const newFolder = () => {
  const folder = createDataFolder();
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Runs `npm start` in a process of its own, and collects its output. */
const start = (data: string, ...options: string[]) => {
  const args = ['--data', data, '--port', '0', '--postgres-port', '0', ...options];
  const child = spawn(process.execPath, ['--import', 'tsx', 'bin/local.ts', ...args], { cwd: root });
  const output = { out: '', err: '' };
  child.stdout.on('data', (text) => {
    output.out += text;
  });
  child.stderr.on('data', (text) => {
    output.err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, output, ended };
};

/** The status that a URL is answered with when the request names this host. */
const statusUnder = (host: string, url: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { headers: { host } }, (response) => resolve(response.resume().statusCode));
    sent.once('error', reject).end();
  });

/** Ids of the processes that a process started, and those they started. */
const descendantsOf = ({ pid }: ChildProcess): number[] => {
  const pairs = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    pairs.flatMap(([id = 0, parentId]) => (parentId === parent ? [id, ...below(id)] : []));
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

test('--json prints one line when ready, a second start on the same data fails, and Ctrl-C ends all', async () => {
  const folder = newFolder();
  const { child, output, ended } = start(folder, '--json', '--logs', '--allow-host', 'box.example.com');
  await expect.poll(() => output.out, { timeout: 60_000, interval: 200 }).toContain('\n');
  expect(output.out.trim().split('\n')).toHaveLength(1);
  expect(output.err).toContain(`All ${CONNECTIONS.length} connections work.`);
  const ready = JSON.parse(output.out);
  expect(Object.keys(ready)).toEqual(['ready', 'mcp', 'page', 'postgres']);
  const client = await connect(ready.mcp, '2025-11-25', await scriptHeaders(ready.page));
  expect((await client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' } })).isError ?? false).toBe(
    false,
  );
  await client.close();
  await expect.poll(() => output.err).toMatch(/INFO {5}tool order_status succeeded after \d/);
  expect(await statusUnder('box.example.com', ready.page)).toBe(200);
  expect(await statusUnder('evil.example', ready.page)).toBe(403);
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'bin/rollups.ts', 'verify', '--data', folder]);
  expect(stdout).toBe('the roll-ups agree with the calls\n');

  const second = start(folder);
  expect(await second.ended).toBe(1);
  expect(second.output.err).toMatch(/^Toolwatch already runs on .* \(process \d+\); stop that process first\.\n$/);

  const started = descendantsOf(child);
  expect(started.length).toBeGreaterThan(3);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  await expect.poll(() => started.filter(isAlive)).toEqual([]);
});

/** Runs `npm start` itself, on a folder, and waits until its output contains `words`. */
const npmStart = async (words: string) => {
  const args = ['start', '--', '--data', newFolder(), '--port', '0', '--postgres-port', '0'];
  const child = spawn('npm', args, { cwd: root, detached: true });
  let out = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  await expect.poll(() => out, { timeout: 100_000, interval: 200 }).toContain(words);
  return { child, processes: descendantsOf(child) };
};

test.each([
  ['SIGTERM', 'Ctrl-C stops everything'],
  ['SIGINT', 'Ctrl-C stops everything'],
  ['SIGTERM', 'compared with those of the last start'],
  ['SIGINT', 'PostgreSQL created and started'],
] as const)('%s to npm alone leaves nothing running, sent after "%s"', async (signal, words) => {
  const { child, processes } = await npmStart(words);
  expect(processes.length).toBeGreaterThan(1);
  child.kill(signal);
  await expect.poll(() => processes.filter(isAlive)).toEqual([]);
});

test('with a breakage, it names the broken connection in one sentence and fails', async () => {
  const { output, ended } = start(newFolder(), '--break', 'log-metrics');
  expect(await ended).toBe(1);
  expect(output.out).toContain(
    'Removed from the template: the log group’s standard class, the only one from which metrics are extracted.\n',
  );
  expect(output.err).toMatch(/^The connection log → metrics is broken: [^\n]+\.\n$/);
});

test('--break list prints each breakage with its connection', async () => {
  const { output, ended } = start(newFolder(), '--break', 'list');
  expect(await ended).toBe(0);
  const lines = output.out.trim().split('\n');
  expect(lines).toHaveLength(BREAKAGES.length);
  expect(lines).toContainEqual(expect.stringMatching(/^log-ingest-filter +log → ingest +the subscription filter$/));
});

test('a port in use is reported in one sentence', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => taken.once('listening', listening));
  const { port } = taken.address() as AddressInfo;
  const { output, ended } = start(newFolder(), '--port', String(port));
  expect(await ended).toBe(1);
  expect(output.err).toBe(
    `Port ${port} is in use. Stop the program that uses it, or choose another port with --port.\n`,
  );
  taken.close();
});

test('a port in use for PostgreSQL is reported in one sentence', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => taken.once('listening', listening));
  const { port } = taken.address() as AddressInfo;
  const { output, ended } = start(newFolder(), '--postgres-port', String(port));
  expect(await ended).toBe(1);
  expect(output.err).toMatch(new RegExp(`^Port ${port} is in use.*PostgreSQL.*\\n$`));
  taken.close();
});

test('a damaged data folder is reported in one sentence that names it', async () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'postgres'));
  writeFileSync(join(folder, 'postgres', 'rubbish'), 'x');
  const { output, ended } = start(folder);
  expect(await ended).toBe(1);
  expect(output.err.trim().split('\n')).toHaveLength(1);
  expect(output.err).toContain(join(folder, 'postgres'));
});

test.each([
  [['--port', 'http'], '--port expects a port, 0 to 65535; got http.\n'],
  [['--break', 'everything'], '--break expects "list" or one of deployment-migrate, migrate-store,'],
  [['--allow-host', 'http://box.example.com'], '--allow-host expects a name such as box.example.com, without a scheme'],
  [['--nonsense'], "Unknown option '--nonsense'"],
])('the arguments %s are rejected', async (options, message) => {
  const { output, ended } = start(newFolder(), ...options);
  expect(await ended).toBe(2);
  expect(output.err).toContain(message);
});
