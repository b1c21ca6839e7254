import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { checkLine } from '../lambdas/observe/line/check-line.ts';
import { EXIT, runProgram } from './run-program.ts';

const USAGE = `npm run check-line < LOG, or in an app that uses the package: npx toolwatch-check-line < LOG
Reads lines from stdin and prints what is wrong with those that are records (docs/line.md).

Exit code: 0 when all records are valid, 1 when one is wrong, 2 when there is no record at all.`;

runProgram(async () => {
  const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
  if (values.help) {
    console.log(USAGE);
    return EXIT.ok;
  }
  let number = 0;
  let records = 0;
  let wrong = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    number += 1;
    const problems = checkLine(line);
    if (!problems) continue;
    records += 1;
    if (problems.length > 0) wrong += 1;
    for (const problem of problems) console.log(`line ${number}: ${problem}`);
  }
  console.log(`${records} records in ${number} lines, ${wrong} of them wrong`);
  if (wrong > 0) return EXIT.wrong;
  return records === 0 ? EXIT.usage : EXIT.ok;
});
