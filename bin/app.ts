import { join } from 'node:path';
import { tools } from '../lambdas/tools/index.ts';
import { synthesizeApp } from '../lib/app.ts';
import { checkBudget, estimateBill, formatBill, readResources } from '../lib/bill/bill.ts';
import { warnOfNobodyInvited } from '../lib/front-door/people.ts';
import { InvalidSettings, readSettings } from '../lib/settings.ts';
import { warnOfNoRecipients } from '../lib/topics.ts';

/**
 * `tsx bin/app.ts [FILE]`: the CDK app, with the settings under `toolwatch` in cdk.json or in another file of that
 * shape. Writes the assembly where the CDK's CLI expects it, or into cdk.out. Prints what a month will cost and
 * whether critical alarms have no recipient and nobody is invited to sign in; fails when the cost exceeds the budget.
 */
const file = process.argv[2] ?? join(import.meta.dirname, '../cdk.json');
try {
  // The CDK's CLI passes the account and region of its credentials: what the region lacks is then found here.
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region, CDK_OUTDIR: outdir = 'cdk.out' } = process.env;
  const settings = readSettings(file, { account, region });
  const directory = synthesizeApp(settings, { outdir });
  const bill = estimateBill({ settings, tools: tools.length, resources: readResources(directory) });
  console.error(formatBill(bill));
  for (const warning of [warnOfNoRecipients(settings), warnOfNobodyInvited(settings)]) {
    if (warning) console.error(warning);
  }
  checkBudget(bill, settings);
} catch (error) {
  if (!(error instanceof InvalidSettings)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
