import { statSync } from 'node:fs';
import { join } from 'node:path';
import { tools } from '../lambdas/tools/index.ts';
import { bundle } from '../lib/bundle.ts';
import { checkLimits, printTable } from './table.ts';

const LIMIT_KB = 1_000;

/** Weighs every function's minified code, without the AWS SDK, which the platform brings. */
export const run = async (): Promise<boolean> => {
  const bundles = bundle(tools);
  try {
    const rows = [
      ...(['gateway', 'ingest', 'refresh', 'api', 'migrate', 'retention'] as const).map((name) => ({
        function: name as string,
        folder: bundles.function(name),
      })),
      ...tools.map(({ facts: { name } }) => ({ function: `tool ${name}`, folder: bundles.tool(name) })),
    ].map(({ function: name, folder }) => ({ function: name, KB: statSync(join(folder, 'index.mjs')).size / 1_000 }));
    printTable(rows);
    const largest = (of: (name: string) => boolean) =>
      Math.max(...rows.filter((row) => of(row.function)).map((row) => row.KB));
    return checkLimits([
      { what: 'the gateway, KB', measured: largest((name) => name === 'gateway'), atMost: LIMIT_KB },
      { what: 'the largest tool, KB', measured: largest((name) => name.startsWith('tool ')), atMost: LIMIT_KB },
    ]);
  } finally {
    bundles.dispose();
  }
};
