import { join } from 'node:path';
import { tools } from '../lambdas/tools/index.ts';
import { buildApp } from '../lib/app.ts';
import { checkBudget, estimateBill, formatBill, readResources } from '../lib/bill/bill.ts';
import { InvalidSettings, readSettings } from '../lib/settings.ts';
import { warnOfNoRecipients } from '../lib/topics.ts';

/**
 * `tsx bin/app.ts [FILE]`: the CDK app, by the settings under `toolwatch` in cdk.json or in another file of that shape.
 * Written where the CDK's CLI wants it, or into cdk.out. Says what a month will cost, and when nobody would be
 * woken; fails over the budget.
 */
const file = process.argv[2] ?? join(import.meta.dirname, '../cdk.json');
try {
  const settings = readSettings(file);
  const { directory } = buildApp(settings, { outdir: process.env.CDK_OUTDIR ?? 'cdk.out' }).synth();
  const bill = estimateBill({ settings, tools: tools.length, resources: readResources(directory) });
  console.error(formatBill(bill));
  const unheard = warnOfNoRecipients(settings);
  if (unheard) console.error(unheard);
  checkBudget(bill, settings);
} catch (error) {
  if (!(error instanceof InvalidSettings)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
