import { join } from 'node:path';
import { tools } from '../lambdas/tools/index.ts';
import { buildApp } from '../lib/app.ts';
import { billOf, billText, holdToBudget, resourcesIn } from '../lib/bill/bill.ts';
import { readSettings, WrongSettings } from '../lib/settings.ts';
import { nobodyWoken } from '../lib/topics.ts';

/**
 * `tsx bin/app.ts [FILE]`: the CDK app, by the settings under `toolwatch` in cdk.json or in another file of that shape.
 * Written where the CDK's CLI wants it, or into cdk.out. Says what a month will cost, and when nobody would be
 * woken; fails over the budget.
 */
const file = process.argv[2] ?? join(import.meta.dirname, '../cdk.json');
try {
  const settings = readSettings(file);
  const { directory } = buildApp(settings, { outdir: process.env.CDK_OUTDIR ?? 'cdk.out' }).synth();
  const bill = billOf({ settings, tools: tools.length, resources: resourcesIn(directory) });
  console.error(billText(bill));
  const unheard = nobodyWoken(settings);
  if (unheard) console.error(unheard);
  holdToBudget(bill, settings);
} catch (error) {
  if (!(error instanceof WrongSettings)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
