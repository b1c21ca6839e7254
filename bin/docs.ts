import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tools } from '../lambdas/tools/index.ts';
import { generatedParts, replacePart } from '../lib/reference/generated-parts.ts';
import { EXIT, runProgram } from './run-program.ts';

const USAGE = `npm run docs [-- --check]
Writes the parts of the documents that are generated from the code. With --check it writes nothing and lists the parts
that are out of date.

Exit code: 0 when all is well, 1 when --check finds a part out of date, 2 when the arguments are wrong.`;
const pathOf = (file: string) => join(import.meta.dirname, '..', file);
const read = (file: string) => readFileSync(pathOf(file), 'utf8');

runProgram(() => {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    console.log(USAGE);
    return EXIT.ok;
  }
  let isCurrent = true;
  for (const part of generatedParts(tools, read)) {
    const before = read(part.file);
    const after = replacePart(before, part);
    if (before === after) continue;
    if (values.check) {
      console.error(`${part.file}: the part "${part.name}" is out of date. Run: npm run docs`);
      isCurrent = false;
    } else {
      writeFileSync(pathOf(part.file), after);
      console.log(`wrote the part "${part.name}" of ${part.file}`);
    }
  }
  return isCurrent ? EXIT.ok : EXIT.wrong;
});
