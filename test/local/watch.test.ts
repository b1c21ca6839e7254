import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watch } from '../../local/watch.ts';

let folder: string;
let end = () => {};
let works: (() => void)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'toolwatch-watch-'));
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'in', 'file'), '1');
  writeFileSync(join(folder, 'one'), '1');
  works = [];
  end = watch([join(folder, 'in'), join(folder, 'one')], () => new Promise<void>((done) => works.push(done)));
});
afterEach(() => {
  end();
  rmSync(folder, { recursive: true });
});

const begun = (count: number) => expect.poll(() => works.length, { timeout: 10_000 }).toBe(count);

test('a file written, replaced as editors do, made or removed is noticed, each time once', async () => {
  writeFileSync(join(folder, 'one'), '2');
  await begun(1);
  // While the work goes on nothing else begins; what changes meanwhile is seen after.
  writeFileSync(join(folder, 'in', 'new'), '2');
  renameSync(join(folder, 'in', 'new'), join(folder, 'in', 'file'));
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(works).toHaveLength(1);
  works[0]?.();
  await begun(2);
  works[1]?.();
  rmSync(join(folder, 'in', 'file'));
  await begun(3);
});
