import { createInterface } from 'node:readline';
import { checkLine } from '../lambdas/observe/line/check-line.ts';

const USAGE = `npm run check-line < LOG, or in an app that has the package: npx toolwatch-check-line < LOG
Reads lines from stdin and says what is wrong with those that are records (docs/line.md). The exit status is 1 when a
record is wrong, and 2 when there was none at all.`;

if (process.argv.length > 2) {
  console.log(USAGE);
} else {
  let number = 0;
  let records = 0;
  let wrong = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    number += 1;
    const problems = checkLine(line);
    if (!problems) continue;
    records += 1;
    if (problems.length === 0) continue;
    wrong += 1;
    for (const problem of problems) console.log(`line ${number}: ${problem}`);
  }
  console.log(`${records} records in ${number} lines, ${wrong} of them wrong`);
  process.exitCode = wrong > 0 ? 1 : records === 0 ? 2 : 0;
}
