import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin, transform } from 'esbuild';

const USAGE = `npm run build
Builds into dist/ what the package carries beside its sources: JavaScript and declarations for apps and functions of other
people. Nothing in this tree reads it.`;
const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const bundled: BuildOptions = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
};
const esModule: BuildOptions = { ...bundled, format: 'esm', outExtension: { '.js': '.mjs' } };

/** Left to whoever bundles the function: a `require` that is bundled here could not be followed there. */
const loggerApart: Plugin = {
  name: 'logger-apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/load-logger\.ts$/ }, () => ({ path: './load-logger.mjs', external: true })),
};

const buildCode = async (): Promise<void> => {
  await build({
    ...bundled,
    entryPoints: [
      { in: 'lib/tool-observability.ts', out: 'tool-observability' },
      { in: 'lambdas/observe/index.ts', out: 'observe' },
    ],
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
  });
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  await build({
    ...esModule,
    entryPoints: [{ in: 'lambdas/observe/index.ts', out: 'observe' }],
    plugins: [loggerApart],
  });
  for (const name of ['load-logger', 'logger']) {
    const { code } = await transform(read(`lambdas/observe/call/${name}.ts`), { loader: 'ts' });
    writeFileSync(join(dist, `${name}.mjs`), code.replace('./logger.ts', './logger.mjs'));
  }
  await build({ ...esModule, entryPoints: ['bin/check-line.ts'], banner: { js: '#!/usr/bin/env node' } });
};

const PROJECT = 'tsconfig.build.json';
/** An import of ours in a declaration. */
const OWN_IMPORT = /(\bfrom |\bimport\()(['"])(\.[^'"]+)\.ts\2/g;

/** The declarations of what is exported and of what those name, and no others. */
const buildDeclarations = (): void => {
  const emitted = mkdtempSync(join(tmpdir(), 'toolwatch-declarations-'));
  const taken = new Set<string>();
  const take = (source: string): void => {
    if (taken.has(source)) return;
    taken.add(source);
    const file = source.replace(/\.ts$/, '.d.ts');
    const declaration = readFileSync(join(emitted, file), 'utf8');
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    writeFileSync(join(dist, file), declaration.replace(OWN_IMPORT, '$1$2$3.js$2'));
    for (const [, , , path] of declaration.matchAll(OWN_IMPORT)) take(join(dirname(source), `${path}.ts`));
  };
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', PROJECT, '--outDir', emitted], { cwd: root, stdio: 'inherit' });
    for (const source of JSON.parse(read(PROJECT)).files) take(source);
  } finally {
    rmSync(emitted, { recursive: true });
  }
};

if (process.argv.length > 2) {
  console.log(USAGE);
} else {
  rmSync(dist, { recursive: true, force: true });
  await buildCode();
  buildDeclarations();
}
