import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin, transform } from 'esbuild';
import { REQUIRE_BANNER } from '../lib/bundle.ts';
import { writeSbom } from './package-sbom.ts';
import { EXIT, runProgram } from './run-program.ts';

const USAGE = `npm run build
Builds into dist/ what the package contains beside its sources: JavaScript and type declarations for other apps and
their functions, and its software bill of materials. Nothing else in this repository reads it.`;
const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const bundled = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  metafile: true,
} as const satisfies BuildOptions;
const esModule = { ...bundled, format: 'esm', outExtension: { '.js': '.mjs' } } as const satisfies BuildOptions;

/** Stays an import of its own: the app's bundler could not follow a `require` that is bundled here. */
const externalLogger: Plugin = {
  name: 'external-logger',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/load-logger\.ts$/ }, () => ({ path: './load-logger.mjs', external: true })),
};

/** It reads the sources of a deployment, and the CDK: the package has neither, and the command says so. */
const withoutDoctor: Plugin = {
  name: 'without-doctor',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/doctor\/run-doctor\.ts$/ }, () => ({ path: './not-in-the-package.mjs', external: true })),
};

/** Of cdk-nag the package has one function, so that an app may have any version of it, or none. */
const bundledNag: Plugin = {
  name: 'bundled-nag',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^cdk-nag\// }, ({ path }) => ({ path: join(root, 'node_modules', path) })),
};

/** The packages whose files are bundled into the code, as `name@version`. */
const packagesIn = (metafiles: readonly Metafile[]): string[] => {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const folders = inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  return [...new Set(folders)].map((folder) => {
    const { name, version } = JSON.parse(read(join(folder, 'package.json')));
    return `${name}@${version}`;
  });
};

/** Returns the packages that are part of the code, as `name@version`. */
const buildCode = async (): Promise<string[]> => {
  const main = await build({
    ...bundled,
    entryPoints: [
      { in: 'lib/tool-observability.ts', out: 'tool-observability' },
      { in: 'lambdas/observe/index.ts', out: 'observe' },
      { in: 'lambdas/client/index.ts', out: 'client' },
    ],
    format: 'cjs',
    plugins: [bundledNag],
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
  });
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  const observe = await build({
    ...esModule,
    entryPoints: [{ in: 'lambdas/observe/index.ts', out: 'observe' }],
    plugins: [externalLogger],
  });
  const client = await build({ ...esModule, entryPoints: [{ in: 'lambdas/client/index.ts', out: 'client' }] });
  const { code } = await transform(read('lambdas/observe/log/load-logger.ts'), { loader: 'ts' });
  writeFileSync(join(dist, 'load-logger.mjs'), code);
  copyFileSync(join(root, 'lambdas/observe/log/powertools-logger.mjs'), join(dist, 'powertools-logger.mjs'));
  // With its packages, which nobody else who installs this one needs.
  const command = await build({
    ...esModule,
    entryPoints: ['bin/toolwatch.ts'],
    packages: 'bundle',
    plugins: [withoutDoctor],
    minify: true,
    banner: { js: REQUIRE_BANNER },
  });
  const checkLine = await build({
    ...esModule,
    entryPoints: ['bin/check-line.ts'],
    banner: { js: '#!/usr/bin/env node' },
  });
  return packagesIn([main, observe, client, command, checkLine].map(({ metafile }) => metafile));
};

const PROJECT = 'tsconfig.build.json';
/** A relative import in a declaration. */
const OWN_IMPORT = /(\bfrom |\bimport\()(['"])(\.[^'"]+)\.ts\2/g;

/** Copies the declarations of the package's entry points and of the files they import, and no others. */
const buildDeclarations = (): void => {
  const emitted = mkdtempSync(join(tmpdir(), 'toolwatch-declarations-'));
  const copied = new Set<string>();
  const copyWithImports = (source: string): void => {
    if (copied.has(source)) return;
    copied.add(source);
    const file = source.replace(/\.ts$/, '.d.ts');
    const declaration = readFileSync(join(emitted, file), 'utf8');
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    writeFileSync(join(dist, file), declaration.replace(OWN_IMPORT, '$1$2$3.js$2'));
    for (const [, , , path] of declaration.matchAll(OWN_IMPORT)) copyWithImports(join(dirname(source), `${path}.ts`));
  };
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', PROJECT, '--outDir', emitted], { cwd: root, stdio: 'inherit' });
    for (const source of JSON.parse(read(PROJECT)).files) copyWithImports(source);
  } finally {
    rmSync(emitted, { recursive: true });
  }
};

runProgram(async () => {
  const [argument] = process.argv.slice(2);
  if (argument !== undefined) {
    console.log(USAGE);
    return argument === '--help' ? EXIT.ok : EXIT.usage;
  }
  rmSync(dist, { recursive: true, force: true });
  const packages = await buildCode();
  buildDeclarations();
  writeSbom(join(dist, 'sbom.cdx.json'), packages);
  return EXIT.ok;
});
