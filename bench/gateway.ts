import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { tools } from '../lambdas/tools/index.ts';
import { bundle } from '../lib/bundle.ts';
import { checkLimits, printTable } from './table.ts';

const root = resolve(import.meta.dirname, '..');
/** The smallest memory size that the setting allows. */
const MIN_MEMORY_MIB = 192;
const KB = 1_000;

interface Load {
  what: string;
  calls: number;
  argumentBytes: number;
  resultBytes: number;
}

/** A reply has the result twice, as text and as structure, and Lambda allows 6 MB; the largest request is 4 MB. */
const LOADS: readonly Load[] = [
  { what: 'ordinary calls', calls: 2_000, argumentBytes: 100, resultBytes: 500 },
  { what: 'results of 100 KB', calls: 200, argumentBytes: 100, resultBytes: 100 * KB },
  { what: 'results of 1 MB', calls: 60, argumentBytes: 100, resultBytes: 1_000 * KB },
  { what: 'the largest results', calls: 60, argumentBytes: 100, resultBytes: 2_900 * KB },
  { what: 'the largest arguments', calls: 60, argumentBytes: 3_900 * KB, resultBytes: 500 },
  { what: 'the largest of both', calls: 60, argumentBytes: 3_900 * KB, resultBytes: 2_900 * KB },
];

/** Lambda's API as far as the gateway uses it: every function that is invoked returns this many bytes. */
const serveTools = async (resultBytes: () => number) => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ state: 'shipped', filler: 'y'.repeat(resultBytes()) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, close: () => server.close() };
};

const measure = (folder: string, endpoint: string, { calls, argumentBytes }: Load, memoryMib: number) =>
  new Promise<{ peakMib: number; cpuMs: number }>((resolve, reject) => {
    const child = fork(join(root, 'bench/gateway/child.mjs'), [folder, String(calls), String(argumentBytes)], {
      // Lambda's runtime gives the heap the same share.
      execArgv: [`--max-old-space-size=${Math.floor(memoryMib * 0.9)}`],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        PATH: process.env.PATH ?? '',
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'bench',
        AWS_SECRET_ACCESS_KEY: 'bench',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        POWERTOOLS_SERVICE_NAME: 'toolwatch',
        TOOLWATCH_ENVIRONMENT: 'bench',
        TOOLWATCH_VERSION: 'bench',
        TOOLWATCH_TENANTS: 'off',
        TOOL_FUNCTION_PREFIX: 'toolwatch-tool-',
      },
    });
    child.once('message', (figures) => resolve(figures as { peakMib: number; cpuMs: number }));
    child.once('exit', (code) => reject(new Error(`The gateway's process exited with ${code}.`)));
  });

/** Measures how much memory the gateway's real bundle needs, and how much processor time a call takes. */
export const run = async (): Promise<boolean> => {
  let resultBytes = 0;
  const endpoint = await serveTools(() => resultBytes);
  const bundles = bundle(tools);
  // Inside the project, because the bundle finds the AWS SDK in the project's packages.
  const folder = join(root, `.toolwatch-bench-${randomUUID()}`);
  try {
    cpSync(bundles.function('gateway'), folder, { recursive: true });
    const rows: { load: string; 'peak, MiB': number; 'CPU a call, ms': number }[] = [];
    for (const load of LOADS) {
      resultBytes = load.resultBytes;
      const { peakMib, cpuMs } = await measure(folder, endpoint.url, load, MIN_MEMORY_MIB);
      rows.push({ load: load.what, 'peak, MiB': peakMib, 'CPU a call, ms': cpuMs });
    }
    printTable(rows);
    return checkLimits([
      { what: 'ordinary calls, MiB', measured: rows[0]?.['peak, MiB'] ?? Number.NaN, atMost: MIN_MEMORY_MIB * 0.75 },
      { what: 'results of 1 MB, MiB', measured: rows[2]?.['peak, MiB'] ?? Number.NaN, atMost: MIN_MEMORY_MIB },
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    bundles.dispose();
    endpoint.close();
  }
};
