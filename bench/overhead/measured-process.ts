import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUNDLE_OPTIONS, buildWithLogger } from '../../lib/bundle.ts';

export interface Figures {
  importMs: number;
  importCpuMs: number;
  /** The first call, without loading. */
  firstMs?: number;
  firstCpuMs?: number;
  medianUs?: number;
  p99Us?: number;
  cpuUs?: number;
}

/** Bundles the peers as a deployment would, and the child process that measures them; `remove` deletes the bundles. */
export const buildBundles = (): { path(name: string): string; remove(): void } => {
  const here = import.meta.dirname;
  const outdir = mkdtempSync(join(tmpdir(), 'overhead-'));
  buildWithLogger({
    entryPoints: ['peers', 'imports']
      .flatMap((folder) => [`${join(here, folder)}/*.ts`])
      .concat(join(here, 'child.ts')),
    outbase: here,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['@aws-sdk/*'],
    alias: BUNDLE_OPTIONS.alias,
    banner: BUNDLE_OPTIONS.banner,
    logLevel: 'error',
  });
  return {
    path: (name) => join(outdir, `${name}.mjs`),
    remove: () => rmSync(outdir, { recursive: true }),
  };
};

const ENVIRONMENT = {
  PATH: process.env.PATH ?? '',
  NODE_ENV: 'production',
  POWERTOOLS_SERVICE_NAME: 'toolwatch',
  POWERTOOLS_METRICS_NAMESPACE: 'Toolwatch',
  TOOLWATCH_ENVIRONMENT: 'bench',
  TOOLWATCH_VERSION: '2026.11.20-3b7d87a',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
};

const MAX_OUTPUT = 65_536;

export interface ProcessOptions {
  /** The Node binary. */
  node: string;
  /** The bundle of child.ts, and the bundle it measures. */
  child: string;
  bundle: string;
  /** Where stdout goes. */
  to: 'null' | 'pipe';
  warmUp?: number;
  calls?: number;
}

/** Runs one process to its end. `output` is the beginning of what it wrote; `bytes` counts all of it. */
export const measureProcess = ({ node, child: childFile, bundle, to, warmUp = 0, calls = 0 }: ProcessOptions) =>
  new Promise<{ figures: Figures; bytes: number; output: string }>((resolve, reject) => {
    const stdout = to === 'null' ? openSync('/dev/null', 'w') : 'pipe';
    const child = spawn(node, [childFile, bundle, String(warmUp), String(calls)], {
      stdio: ['ignore', stdout, 'inherit', 'pipe'],
      env: ENVIRONMENT,
    });
    let bytes = 0;
    let output = '';
    let results = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (output.length < MAX_OUTPUT) output += chunk;
    });
    child.stdio[3]?.on('data', (chunk: Buffer) => {
      results += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve({ figures: JSON.parse(results), bytes, output });
      else reject(new Error(`${bundle} exited with ${code}`));
    });
  });
