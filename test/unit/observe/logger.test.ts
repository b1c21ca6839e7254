import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { BUNDLE_OPTIONS, buildWithLogger } from '../../../lib/bundle.ts';
import { root } from '../../support/source-files.ts';

const PROGRAM = `
  import { toolFacts } from './test/support/a-tool.ts';
  import { aContext } from './test/support/lambda-context.ts';
  import { defineTool } from './lambdas/observe/define-tool.ts';
  const tool = defineTool(toolFacts()).run(({ city }, { logger }) => {
    logger.info('looking', { city, apiKey: 'k-1' });
    return { degrees: 1 };
  });
  const calls = ['c-1', 'c-2'].map((correlation_id) => tool({ city: correlation_id }, aContext({ correlation_id })));
  Promise.all(calls);
`;

const parseEntries = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((entry) => !('schema' in entry));

const runBundle = (format: 'esm' | 'cjs') => (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'logger-'));
  const outfile = join(folder, format === 'esm' ? 'index.mjs' : 'index.cjs');
  try {
    buildSync({
      stdin: { contents: PROGRAM, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node20',
      format,
      logLevel: 'error',
    });
    return spawnSync(process.execPath, [outfile], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const runDeployedBundle = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'logger-'));
  const outfile = join(folder, 'index.mjs');
  try {
    buildWithLogger({ ...BUNDLE_OPTIONS, stdin: { contents: PROGRAM, resolveDir: root, loader: 'ts' }, outfile });
    expect(readFileSync(outfile, 'utf8')).not.toContain('PowertoolsLogFormatter');
    return spawnSync(process.execPath, [outfile], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const runSource = (): string =>
  spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', PROGRAM], {
    cwd: root,
    encoding: 'utf8',
  }).stdout;

test.each([
  ['in an ESM bundle, which has no require', runBundle('esm')],
  ['in a CommonJS bundle', runBundle('cjs')],
  ['bundled as our own tools are, with the Logger beside it', runDeployedBundle],
  ['run from source', runSource],
])('an author’s log entries have the ids of their own call, and no secret, %s', (_, run) => {
  expect(parseEntries(run())).toMatchObject([
    {
      level: 'INFO',
      message: 'looking',
      service: 'toolwatch',
      tool: 'weather',
      city: 'c-1',
      correlation_id: 'c-1',
      apiKey: '[redacted]',
    },
    { city: 'c-2', correlation_id: 'c-2', event_id: expect.any(String), trace_id: expect.any(String) },
  ]);
});
