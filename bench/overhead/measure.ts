import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

export interface Figures {
  importMs: number;
  importCpuMs: number;
  /** Of the first call alone, without loading. */
  firstMs?: number;
  firstCpuMs?: number;
  medianUs?: number;
  p99Us?: number;
  cpuUs?: number;
}

/** Bundles as a deployment would, beside the process that measures them; `remove` deletes them. */
export const bundles = (): { path(name: string): string; remove(): void } => {
  const here = import.meta.dirname;
  const outdir = mkdtempSync(join(tmpdir(), 'overhead-'));
  buildSync({
    entryPoints: ['peers', 'imports']
      .flatMap((folder) => [`${resolve(here, folder)}/*.ts`])
      .concat(resolve(here, 'child.ts')),
    outbase: here,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['@aws-sdk/*'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
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

export interface Run {
  node: string;
  child: string;
  bundle: string;
  to: 'null' | 'pipe';
  warmUp?: number;
  calls?: number;
}

/** Runs one process to its end. `lines` is what it wrote, kept only as far as its first `keep` bytes; `bytes` is how much. */
export const measure = ({ node, child, bundle, to, warmUp = 0, calls = 0 }: Run) =>
  new Promise<{ figures: Figures; bytes: number; written: string }>((done, fail) => {
    const out = to === 'null' ? openSync('/dev/null', 'w') : 'pipe';
    const process = spawn(node, [child, bundle, String(warmUp), String(calls)], {
      stdio: ['ignore', out, 'inherit', 'pipe'],
      env: ENVIRONMENT,
    });
    let bytes = 0;
    let written = '';
    let results = '';
    process.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (written.length < 65_536) written += chunk;
    });
    process.stdio[3]?.on('data', (chunk: Buffer) => {
      results += chunk;
    });
    process.on('error', fail);
    process.on('close', (code) =>
      code === 0
        ? done({ figures: JSON.parse(results), bytes, written })
        : fail(new Error(`${bundle} ended with ${code}`)),
    );
  });

/** The middle of `values`. */
export const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
