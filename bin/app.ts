import { join } from 'node:path';
import { buildApp } from '../lib/app.ts';
import { readSettings, WrongSettings } from '../lib/settings.ts';

/**
 * `tsx bin/app.ts [FILE]`: the CDK app, by the settings under `toolwatch` in cdk.json or in another file of that shape.
 * Written where the CDK's CLI wants it, or into cdk.out.
 */
const file = process.argv[2] ?? join(import.meta.dirname, '../cdk.json');
try {
  buildApp(readSettings(file), { outdir: process.env.CDK_OUTDIR ?? 'cdk.out' }).synth();
} catch (error) {
  if (!(error instanceof WrongSettings)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
