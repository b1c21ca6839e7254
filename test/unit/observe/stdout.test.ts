import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';

const program = resolve(import.meta.dirname, '../../support/writing-process.ts');

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
});

/** Starts the process; its stdout is a pipe that is not read until the test reads it. */
const start = (...mode: string[]): ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> } => {
  const started = spawn(process.execPath, ['--import', 'tsx', program, ...mode], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  child = started;
  if (!started.stdout) throw new Error('no stdout');
  return Object.assign(started, { stdout: started.stdout });
};

const records = (text: string): { correlation_id: string; telemetry_dropped?: number }[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

const isStopped = (pid: number | undefined): boolean => / T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe.skipIf(process.platform !== 'linux')('a line', () => {
  test.each(['stops-immediately', 'stops-with-console'])(
    'is written when the process is stopped right after its reply (%s)',
    async (mode) => {
      const process = start(mode);
      let text = '';
      while (!text.includes('toolwatch.v1')) text += (await once(process.stdout, 'data'))[0];
      await expect.poll(() => isStopped(process.pid)).toBe(true);
      expect(records(text)).toHaveLength(1);
    },
  );

  test('is queued in order while a full pipe is not read, and no call is blocked', async () => {
    const calls = 800;
    const process = start('fills-the-pipe', String(calls));
    expect((await once(process, 'message'))[0]).toBe('full');
    let text = '';
    process.stdout.on('data', (chunk) => {
      text += chunk;
    });
    process.send('go on');
    await once(process, 'close');
    expect(records(text).map((record) => record.correlation_id)).toEqual(
      Array.from({ length: calls + 1 }, (_, index) => `call-${index}`),
    );
  });

  test('that did not fit into the queue is counted in the next line that is written', async () => {
    const calls = 3_000;
    const process = start('fills-the-pipe', String(calls));
    expect((await once(process, 'message'))[0]).toBe('full');
    let text = '';
    process.stdout.on('data', (chunk) => {
      text += chunk;
    });
    await expect
      .poll(() => records(text.slice(0, text.lastIndexOf('\n'))).length, { timeout: 10_000 })
      .toBeGreaterThan(900);
    process.send('go on');
    await once(process, 'close');
    const written = records(text);
    const dropped = written.reduce((sum, record) => sum + (record.telemetry_dropped ?? 0), 0);
    expect(dropped).toBeGreaterThan(0);
    expect(written.length + dropped).toBe(calls + 1);
  });

  test('that has lost its reader affects no call', async () => {
    const process = start('loses-its-reader');
    process.stdout.destroy();
    process.send('go on');
    expect((await once(process, 'message'))[0]).toBe('done');
  });
});
