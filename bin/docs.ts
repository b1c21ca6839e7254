import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tools } from '../lambdas/tools/index.ts';
import { generatedParts, replacePart } from '../lib/reference/generated-parts.ts';

const USAGE = `npm run docs [-- --check]
Writes the parts of the documents that follow from the code. With --check it writes nothing, and the exit status is 1
when a part is not as it would be written.`;
const pathOf = (file: string) => join(import.meta.dirname, '..', file);
const read = (file: string) => readFileSync(pathOf(file), 'utf8');

const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help) {
  console.log(USAGE);
} else {
  for (const part of generatedParts(tools, read)) {
    const before = read(part.file);
    const after = replacePart(before, part);
    if (before === after) continue;
    if (values.check) {
      console.error(`${part.file}: the part "${part.name}" is not current. Run: npm run docs`);
      process.exitCode = 1;
    } else {
      writeFileSync(pathOf(part.file), after);
      console.log(`wrote the part "${part.name}" of ${part.file}`);
    }
  }
}
