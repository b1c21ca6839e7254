import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../support/source-files.ts';

const run = promisify(execFile);
const project = mkdtempSync(join(tmpdir(), 'toolwatch-add-tool-'));
const FOLDERS = ['bin', 'dashboard', 'docs', 'examples', 'lambdas', 'lib', 'sql', 'test/support'];
const FILES = ['CONTRIBUTING.md', 'README.md', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
beforeAll(() => {
  for (const part of [...FOLDERS, ...FILES]) cpSync(join(root, part), join(project, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const addTool = (...args: string[]) =>
  run(process.execPath, ['--import', 'tsx', 'bin/add-tool.ts', ...args], { cwd: project }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, output: stderr }),
  );
const read = (file: string) => readFileSync(join(project, file), 'utf8');

test('a tool that was added is in the list and in the documents, and its first test passes', async () => {
  const { code, output } = await addTool('city_weather');
  expect(output).toContain('wrote lambdas/tools/city-weather.ts, test/unit/tools/city-weather.test.ts');
  expect(code).toBe(0);
  // A word that is a keyword too, and a name that comes first in the alphabet.
  expect((await addTool('import')).code).toBe(0);
  expect((await addTool('add_tax')).code).toBe(0);
  const imports = read('lambdas/tools/index.ts')
    .split('\n')
    .filter((line) => line.startsWith('import'));
  expect(imports).toEqual(imports.toSorted((a, b) => (a.slice(a.indexOf("'")) < b.slice(b.indexOf("'")) ? -1 : 1)));
  expect(read('README.md')).toContain('[`city_weather`](lambdas/tools/city-weather.ts)');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { stdout } = await run(process.execPath, [vitest, 'run', '--project', 'unit'], {
    cwd: project,
    env: { ...process.env, NO_COLOR: '1' },
  });
  expect(stdout).toContain('3 passed');
});

test.each([
  [['order_status'], 'lambdas/tools/order-status.ts exists already. Nothing was changed.'],
  [['OrderStatus'], 'Write one name in snake_case, of at most 48 characters, such as city_weather.'],
  [['a'.repeat(49)], 'Write one name'],
  [['../../etc'], 'Write one name'],
  [['one', 'two'], 'Write one name'],
  [[], 'Write one name'],
])('%j is refused, and nothing changes', async (args, message) => {
  const before = read('lambdas/tools/index.ts');
  const { code, output } = await addTool(...args);
  expect(code).toBe(2);
  expect(output).toContain(message);
  expect(read('lambdas/tools/index.ts')).toBe(before);
});
