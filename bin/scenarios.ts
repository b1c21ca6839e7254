import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { readSettings } from '../lib/settings.ts';
import { alarmStacks } from '../local/alarm-stacks.ts';
import { scenario } from '../local/scenario.ts';
import { judgePages, pagesOf } from '../local/scenario-run.ts';

const USAGE = `npm run scenarios [-- FILE…]
Lets each scenario happen before the template's own alarms and says who was paged when. Without files: those of
test/local/scenarios. What a file may say: npm run scenarios -- --schema. The exit status is 1 when one is wrong.`;

const root = join(import.meta.dirname, '..');
const own = join(root, 'test/local/scenarios');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean' }, schema: { type: 'boolean' } },
});

const show = async (files: string[]): Promise<boolean> => {
  const stacks = alarmStacks(readSettings(join(root, 'cdk.json')));
  let allRight = true;
  for (const file of files) {
    const parsed = scenario.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
    const { pages, wrongs, delays } = judgePages(parsed.data, await pagesOf(parsed.data, stacks));
    const told = pages.filter(({ state }) => state === 'ALARM').map(({ alarm, minute }) => `${alarm} @${minute}`);
    const delay = [...delays.values()].map((minutes) => `${minutes} min`).join(', ');
    console.log(
      `${wrongs.length === 0 ? 'right' : 'WRONG'}  ${basename(file, '.json').padEnd(36)} ${(delay || '–').padEnd(8)} ${told.join(', ') || 'nobody'}`,
    );
    for (const wrong of wrongs) console.log(`       ${wrong}`);
    allRight &&= wrongs.length === 0;
  }
  return allRight;
};

if (values.help) console.log(USAGE);
else if (values.schema) console.log(JSON.stringify(z.toJSONSchema(scenario, { io: 'input' }), null, 2));
else {
  const files =
    positionals.length > 0
      ? positionals
      : readdirSync(own)
          .sort()
          .map((file) => join(own, file));
  process.exitCode = (await show(files)) ? 0 : 1;
}
