import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tools } from '../lambdas/tools/index.ts';
import { generatedParts, withPart } from '../lib/generated-parts.ts';

const USAGE = `npm run docs [-- --check]
Writes the parts of the documents that follow from the code. With --check it writes nothing, and the exit status is 1
when a part is not as it would be written.`;
const root = join(import.meta.dirname, '..');

const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help) {
  console.log(USAGE);
} else {
  for (const part of generatedParts(tools)) {
    const path = join(root, part.file);
    const before = readFileSync(path, 'utf8');
    const after = withPart(before, part);
    if (before === after) continue;
    if (values.check) {
      console.error(`${part.file}: the part "${part.name}" is not current. Run: npm run docs`);
      process.exitCode = 1;
    } else {
      writeFileSync(path, after);
      console.log(`wrote the part "${part.name}" of ${part.file}`);
    }
  }
}
