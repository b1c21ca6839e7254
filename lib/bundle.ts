import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, buildSync, type Metafile } from 'esbuild';
import { buildPage } from '../dashboard/build.ts';
import { thresholdsOf } from '../lambdas/contract/thresholds.ts';
import { readRunbookAdvice } from './alarms/runbook-advice.ts';
import { costFactsOf } from './bill/cost-facts.ts';
import { databaseAuthorities } from './database/authorities.ts';
import type { ListedTool, MonitoredTool } from './listed-tool.ts';
import { buildApiPage } from './reference/api-page.tsx';
import { buildOpenApi } from './reference/openapi.ts';
import { catalogueOf } from './tools/catalogue.ts';
import { dependenciesOf } from './tools/dependencies.ts';

const root = resolve(import.meta.dirname, '..');

interface FunctionKind {
  /** Whether it connects to the database. */
  readonly database: boolean;
  /**
   * Whether the AWS SDK is in its bundle: from there the four clients of the notifier are loaded in half the time that
   * those of Lambda take, and what it is started for waits. Elsewhere the megabytes are not worth it.
   */
  readonly includesSdk?: boolean;
}

/** The functions that are not tools. */
const FUNCTIONS = {
  gateway: { database: false },
  ingest: { database: true },
  refresh: { database: true },
  api: { database: true },
  migrate: { database: true },
  retention: { database: true },
  archive: { database: true },
  sql: { database: true },
  jobs: { database: true },
  collect: { database: false },
  worker: { database: false },
  smoke: { database: false },
  payloads: { database: false },
  completeness: { database: false },
  drill: { database: false },
  report: { database: false },
  checks: { database: false },
  notify: { database: false, includesSdk: true },
  deliver: { database: false, includesSdk: true },
  'self-check': { database: false },
  operate: { database: false },
  spans: { database: false },
  hooks: { database: false, includesSdk: true },
} as const satisfies Record<string, FunctionKind>;
export type FunctionName = keyof typeof FUNCTIONS;
const FUNCTION_NAMES = Object.keys(FUNCTIONS) as FunctionName[];

const includesSdk = (name: FunctionName): boolean => 'includesSdk' in FUNCTIONS[name];

/** The functions of a store in another app. */
export const STORE_FUNCTIONS: readonly FunctionName[] = FUNCTION_NAMES.filter(
  (name) => (FUNCTIONS[name].database && name !== 'archive') || name === 'payloads',
);

/** Every function's code as it is deployed. */
export interface Bundles {
  /** The folder of a function that is not a tool; its handler is `index.handler`. */
  function(name: FunctionName): string;
  /** The folder of a tool's function; its handler is `index.default`. */
  tool(name: string): string;
  /** A fingerprint of all the code; equal for equal code. */
  version: string;
  /** Removes the folders, once they are staged. */
  dispose(): void;
}

/** ES modules have no `require`, and dependencies in CommonJS call it. */
export const REQUIRE_BANNER = "const require=process.getBuiltinModule('node:module').createRequire(import.meta.url);";

/** What every function finds where it runs, or never needs. */
const NEVER_BUNDLED = ['pg-native'];

/** How every function is bundled, in a deployment and where one is measured or tried alone. */
export const BUNDLE_OPTIONS = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  keepNames: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  external: ['@aws-sdk/*', ...NEVER_BUNDLED],
  // See the file.
  alias: { 'node:crypto': join(root, 'lambdas/observe/log/node-crypto.cjs') },
  banner: { js: REQUIRE_BANNER },
  // Beside the code and not named in it: Node would read it at every start.
  sourcemap: 'external',
  sourcesContent: false,
  logLevel: 'silent',
  legalComments: 'none',
} satisfies BuildOptions;

/** The module by which the wrapper requires Powertools' Logger. */
export const LOGGER_MODULE = './powertools-logger.mjs';
/** What stands for it beside the code: CommonJS, as Lambda lets nothing else be required. As long as the module. */
export const LOGGER_FILE = './powertools-logger.cjs';

function bundleLogger(): Uint8Array {
  const [file] = buildSync({
    ...BUNDLE_OPTIONS,
    absWorkingDir: join(root, 'lambdas/observe/log'),
    entryPoints: [LOGGER_MODULE],
    format: 'cjs',
    banner: {},
    sourcemap: false,
    write: false,
  }).outputFiles;
  if (!file) throw new Error('esbuild wrote no Logger');
  return file.contents;
}

/**
 * Runs esbuild. The wrapper's Logger becomes a file beside the code that requires it when something is logged first:
 * parsing it costs each cold start milliseconds.
 */
export function buildWithLogger({ external = [], absWorkingDir = root, ...options }: BuildOptions): Metafile {
  const { metafile } = buildSync({
    ...options,
    absWorkingDir,
    external: [...external, `*${LOGGER_MODULE.slice(1)}`],
    metafile: true,
  });
  const requiring = Object.entries(metafile.outputs)
    .filter(([, { imports }]) => imports.some(({ path }) => path === LOGGER_MODULE))
    .map(([file]) => resolve(absWorkingDir, file));
  // Of one length, so that each place in the source map is still right.
  for (const file of requiring) {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(`"${LOGGER_MODULE}"`, `"${LOGGER_FILE}"`));
  }
  if (requiring.length === 0) return metafile;
  const logger = bundleLogger();
  for (const folder of new Set(requiring.map(dirname))) writeFileSync(join(folder, LOGGER_FILE), logger);
  return metafile;
}

interface BundleOptions {
  /** Default: all. */
  readonly functions?: readonly FunctionName[];
  /** Tools whose thresholds the store needs, but whose functions another app deploys. */
  readonly deployedElsewhere?: readonly MonitoredTool[];
  /** Certificates that the functions accept as the database's authority, beside those of Amazon RDS. */
  readonly caFile?: string | undefined;
}

interface EntryPoint {
  readonly in: string;
  readonly out: string;
}

const RUNBOOK = join(root, 'docs/runbook.md');
/** What reads it, where it lies beside the code. */
const RUNBOOK_READER = 'lambdas/telemetry/runbook.ts';

function putRunbookBeside({ outputs }: Metafile): void {
  for (const [file, { inputs }] of Object.entries(outputs))
    if (inputs[RUNBOOK_READER]) cpSync(RUNBOOK, join(dirname(resolve(root, file)), 'runbook.md'));
}

/**
 * By one call of esbuild for all that find the AWS SDK where they run: it takes a second, one per function half a second
 * each. Those that bring it have a call each, so that a client which is imported when it is first used is a file of its
 * own beside the code, which a start does not read.
 */
function bundleInto(outdir: string, functions: readonly FunctionName[], tools: readonly EntryPoint[]): void {
  const entryOf = (name: FunctionName): EntryPoint => ({ in: `lambdas/${name}/index.ts`, out: `${name}/index` });
  const entryPoints = [...functions.filter((name) => !includesSdk(name)).map(entryOf), ...tools];
  if (entryPoints.length > 0) putRunbookBeside(buildWithLogger({ ...BUNDLE_OPTIONS, entryPoints, outdir }));
  // These log themselves, so the Logger is in their code already.
  const options = { ...BUNDLE_OPTIONS, absWorkingDir: root, external: NEVER_BUNDLED, splitting: true };
  for (const name of functions.filter(includesSdk))
    buildSync({ ...options, entryPoints: [`lambdas/${name}/index.ts`], outdir: join(outdir, name) });
}

/** Bundles every function into a temporary folder. */
export function bundle(
  tools: readonly ListedTool[],
  { functions = FUNCTION_NAMES, deployedElsewhere = [], caFile }: BundleOptions = {},
): Bundles & { readonly folder: string } {
  const outdir = mkdtempSync(join(tmpdir(), 'toolwatch-bundles-'));
  const { function: functionFolder, tool: toolFolder } = foldersIn(outdir);
  try {
    bundleInto(
      outdir,
      functions,
      tools.map(({ facts: { name } }) => ({
        in: `lambdas/tools/${name.replaceAll('_', '-')}.ts`,
        out: `tool-${name}/index`,
      })),
    );
    for (const folder of [...functions.map(functionFolder), ...tools.map(({ facts }) => toolFolder(facts.name))])
      nameSourcesFromRoot(folder);
    const addFile = (name: FunctionName, file: string, text: () => string) => {
      if (functions.includes(name)) writeFileSync(join(functionFolder(name), file), text());
    };
    for (const name of functions) {
      if (!FUNCTIONS[name].database) continue;
      cpSync(join(root, 'sql'), join(functionFolder(name), 'sql'), { recursive: true });
      addFile(name, 'rds-ca.pem', () => databaseAuthorities(caFile));
    }
    addFile('api', 'page.html', buildPage);
    addFile('api', 'reference.html', buildApiPage);
    addFile('api', 'openapi.json', () => JSON.stringify(buildOpenApi(packageVersion())));
    addFile('api', 'costs.json', () => JSON.stringify(costFactsOf(tools)));
    for (const name of ['gateway', 'worker'] as const)
      addFile(name, 'catalogue.json', () => JSON.stringify(catalogueOf(tools)));
    const advice = JSON.stringify(readRunbookAdvice(readFileSync(RUNBOOK, 'utf8')));
    for (const name of ['notify', 'operate'] as const) addFile(name, 'runbook.json', () => advice);
    addFile('notify', 'tools.json', () => JSON.stringify(dependenciesOf(tools.map(({ facts }) => facts))));
    addFile('completeness', 'tools.json', () => JSON.stringify(tools.map(({ facts }) => facts.name)));
    addFile('migrate', 'tools.json', () =>
      JSON.stringify([...tools.map(({ facts }) => facts), ...deployedElsewhere].map(thresholdsOf)),
    );
  } catch (error) {
    rmSync(outdir, { recursive: true });
    throw error;
  }
  return {
    ...foldersIn(outdir),
    folder: outdir,
    version: fingerprintOf(outdir),
    dispose: () => rmSync(outdir, { recursive: true }),
  };
}

/** Where the code is below a folder that it was bundled into. */
export const foldersIn = (folder: string): Pick<Bundles, 'function' | 'tool'> => ({
  function: (name) => join(folder, name),
  tool: (name) => join(folder, `tool-${name}`),
});

const packageVersion = (): string => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** In source maps esbuild names sources from the folder of the bundle, which differs on each machine. */
export function nameSourcesFromRoot(folder: string): void {
  const files = readdirSync(folder).filter((file) => file.endsWith('.mjs.map'));
  for (const file of files.map((name) => join(folder, name))) {
    const map = JSON.parse(readFileSync(file, 'utf8'));
    const sources = map.sources.map((source: string) => relative(root, resolve(folder, source)));
    writeFileSync(file, JSON.stringify({ ...map, sources }));
  }
}

function fingerprintOf(folder: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    hash.update(file.slice(folder.length)).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}
