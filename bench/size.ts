import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tools } from '../lambdas/tools/index.ts';
import { bundle, LOGGER_FILE } from '../lib/bundle.ts';
import { checkLimits, printTable } from './table.ts';

const MAX_KB = 1_000;
const FUNCTIONS = ['gateway', 'ingest', 'refresh', 'api', 'migrate', 'retention'] as const;

/** Measures the size of each function's minified code and of the Logger beside it, without the AWS SDK, which Lambda provides. */
export const run = async (): Promise<boolean> => {
  const bundles = bundle(tools);
  const sizeKb = (folder: string) =>
    ['index.mjs', LOGGER_FILE]
      .map((file) => join(folder, file))
      .reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size / 1_000 : 0), 0);
  try {
    const functionRows = FUNCTIONS.map((name) => ({ function: name as string, KB: sizeKb(bundles.function(name)) }));
    const toolRows = tools.map(({ facts: { name } }) => ({ function: `tool ${name}`, KB: sizeKb(bundles.tool(name)) }));
    printTable([...functionRows, ...toolRows]);
    const gatewayKb = functionRows.find((row) => row.function === 'gateway')?.KB ?? Number.NaN;
    return checkLimits([
      { what: 'the gateway, KB', measured: gatewayKb, atMost: MAX_KB },
      { what: 'the largest tool, KB', measured: Math.max(...toolRows.map(({ KB }) => KB)), atMost: MAX_KB },
    ]);
  } finally {
    bundles.dispose();
  }
};
