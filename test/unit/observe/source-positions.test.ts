import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toSourcePosition } from '../../../lambdas/observe/failure/source-positions.ts';
import { BUNDLE_OPTIONS, nameSourcesFromRoot } from '../../../lib/bundle.ts';
import { root } from '../../support/source-files.ts';

const SOURCE = 'test/support/broken-tool.ts';
const folder = mkdtempSync(join(tmpdir(), 'toolwatch-sources-'));
const code = join(folder, 'index.mjs');
beforeAll(() => {
  const entryPoints = [{ in: join(root, SOURCE), out: 'index' }];
  buildSync({ ...BUNDLE_OPTIONS, absWorkingDir: root, outdir: folder, entryPoints });
  nameSourcesFromRoot(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The line of a call of the bundled tool, in a process of its own. */
const callBrokenTool = () => {
  const script = `const { default: tool } = await import(${JSON.stringify(code)}); await tool({}, {});`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
};

test('a bug of a bundled tool is on the line with the file and the line that its author wrote', () => {
  const text = readFileSync(join(root, SOURCE), 'utf8').split('\n');
  const lineOf = (part: string) => text.findIndex((line) => line.includes(part)) + 1;
  const { error_message, metadata } = callBrokenTool();
  expect(error_message).toBe("Cannot read properties of undefined (reading 'cents')");
  expect(metadata.stack[0]).toMatch(new RegExp(`^at readTotal \\(${SOURCE}:${lineOf('const readTotal')}:\\d+\\)$`));
  expect(metadata.stack[1]).toContain(`${SOURCE}:${lineOf('.run(')}:`);
});

test('the code does not name its source map, which Node would read at every start', () => {
  expect(readFileSync(code, 'utf8')).not.toContain('sourceMappingURL');
});

test('a frame of code without a source map, or with one that is damaged, stays as it is', () => {
  const damaged = join(folder, 'damaged.mjs');
  writeFileSync(`${damaged}.map`, '{"version":3');
  const odd = join(folder, 'odd.mjs');
  writeFileSync(`${odd}.map`, '{"version":3,"sources":[null],"mappings":"!!!"}');
  for (const file of [damaged, odd, join(folder, 'none.mjs')]) {
    const frame = `at work (file://${file}:1:1)`;
    expect(toSourcePosition(frame)).toBe(frame);
  }
});

test('whatever a frame is, the result is a text', () => {
  const position = fc
    .tuple(fc.string(), fc.nat(), fc.nat())
    .map(([place, line, column]) => `at ${place} (${code}:${line}:${column})`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), position), (frame) => {
      expect(toSourcePosition(frame)).toBeTypeOf('string');
    }),
  );
});
