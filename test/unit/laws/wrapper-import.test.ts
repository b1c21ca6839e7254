import { buildSync, transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { BUNDLE_OPTIONS, LOGGER_MODULE } from '../../../lib/bundle.ts';
import { read, root } from '../../support/source-files.ts';

/** The wrapper as it is in each tool's bundle, and in functions of other apps that import it all. */
const inputsAndImportsOf = (entryPoint: string) => {
  const { metafile } = buildSync({
    ...BUNDLE_OPTIONS,
    absWorkingDir: root,
    entryPoints: [entryPoint],
    outdir: 'nowhere',
    external: [...BUNDLE_OPTIONS.external, `*${LOGGER_MODULE.slice(1)}`],
    sourcemap: false,
    metafile: true,
    write: false,
  });
  const outputs = Object.values(metafile.outputs);
  return {
    inputs: Object.keys(metafile.inputs),
    imports: outputs.flatMap(({ imports }) => imports).map(({ kind, path }) => `${kind} ${path}`),
  };
};

const tool = inputsAndImportsOf('lambdas/observe/define-tool.ts');

/** A function of the module's own that is no declaration, in code without types as esbuild prints it. */
const NO_DECLARATION = /^(?:export )?(?:const|let|var) (\w+) = (?:async )?(?:\(.*\)|\w+) =>/gm;

test('a tool’s bundle has no package in it, and loads nothing but the Logger, when it first logs something', () => {
  expect(tool.inputs.filter((file) => !file.startsWith('lambdas/'))).toEqual([]);
  expect(tool.imports).toEqual([`require-call ${LOGGER_MODULE}`]);
});

test('functions that a tool’s bundle has are declarations, because V8 parses others whole at each cold start', () => {
  const found = tool.inputs.flatMap((file) => {
    const { code } = transformSync(read(file), { loader: 'ts', target: 'node24' });
    return [...code.matchAll(NO_DECLARATION)].map(([, name]) => `${file}: write function ${name}(`);
  });
  expect(found).toEqual([]);
});

test('the whole wrapper imports no module of Node’s, because that prepares all of its exports', () => {
  const { imports } = inputsAndImportsOf('lambdas/observe/index.ts');
  expect(imports.filter((text) => /^import-statement (?:node:)?[a-z_/]+$/.test(text))).toEqual([]);
});
