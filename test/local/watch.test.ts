import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watch } from '../../local/watch.ts';

let folder: string;
let stopWatching = () => {};
let finishWork: (() => void)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'toolwatch-watch-'));
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'in', 'file'), '1');
  writeFileSync(join(folder, 'one'), '1');
  finishWork = [];
  stopWatching = watch(
    [join(folder, 'in'), join(folder, 'one')],
    () => new Promise<void>((done) => finishWork.push(done)),
  );
});
afterEach(() => {
  stopWatching();
  rmSync(folder, { recursive: true });
});

const expectCalls = (count: number) => expect.poll(() => finishWork.length, { timeout: 10_000 }).toBe(count);

test('a file that is written, replaced as editors do, created or removed leads to exactly one call', async () => {
  writeFileSync(join(folder, 'one'), '2');
  await expectCalls(1);
  // Calls do not overlap; what changes during one leads to the next.
  writeFileSync(join(folder, 'in', 'new'), '2');
  renameSync(join(folder, 'in', 'new'), join(folder, 'in', 'file'));
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(finishWork).toHaveLength(1);
  finishWork[0]?.();
  await expectCalls(2);
  finishWork[1]?.();
  rmSync(join(folder, 'in', 'file'));
  await expectCalls(3);
});
