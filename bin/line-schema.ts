import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildLineSchema } from '../lambdas/observe/line/line-schema.ts';
import { EXIT, runProgram } from './run-program.ts';

const USAGE = `npx tsx bin/line-schema.ts
Writes docs/line.schema.json from the record's schema, lambdas/contract/invocation.ts.`;

runProgram(() => {
  const [argument] = process.argv.slice(2);
  if (argument === undefined) writeFileSync(join(import.meta.dirname, '../docs/line.schema.json'), buildLineSchema());
  else console.log(USAGE);
  return argument === undefined || argument === '--help' ? EXIT.ok : EXIT.usage;
});
