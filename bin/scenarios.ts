import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { readSettings } from '../lib/settings.ts';
import { isAboutTools, packsFor, type Score, scoreOf } from '../local/alarm-packs.ts';
import { alarmStacks } from '../local/alarm-stacks.ts';
import { type Scenario, scenario } from '../local/scenario.ts';
import { judgePages, pagesOf } from '../local/scenario-run.ts';
import type { Stack } from '../local/template.ts';

const USAGE = `npm run scenarios [-- FILE…]
Lets each scenario happen before the template's own alarms and says who was paged when. Without files: those of
test/local/scenarios. The exit status is 1 when one is wrong.

  --packs    other people's alarm packs beside ours, on those of the scenarios that are about tools
  --schema   what a file may say, as a JSON Schema
  --help     this`;

const root = join(import.meta.dirname, '..');
const own = join(root, 'test/local/scenarios');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean' }, packs: { type: 'boolean' }, schema: { type: 'boolean' } },
});

const readScenario = (file: string): Scenario => {
  const parsed = scenario.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};

const compare = async (files: string[], ours: Stack[]): Promise<void> => {
  const scenarios = files.map(readScenario).filter(isAboutTools);
  const troubled = scenarios.filter(({ expected }) => expected.length > 0).length;
  console.log(`${scenarios.length} scenarios about tools, ${troubled} of them with trouble\n`);
  console.log(`${'alarms'.padEnd(30)} told of   false pages   minutes to the first page (median, worst)`);
  for (const [name, stacks] of Object.entries({ ours, ...packsFor(ours) })) {
    const scores: Score[] = [];
    for (const one of scenarios) scores.push(scoreOf(one, await pagesOf(one, stacks, ours)));
    const told = troubled - scores.filter(({ missed }) => missed).length;
    const falsePages = scores.reduce((sum, score) => sum + score.falsePages, 0);
    const delays = scores.flatMap(({ delay }) => delay ?? []).sort((a, b) => a - b);
    const [median, worst] = [delays[Math.floor(delays.length / 2)], delays.at(-1)];
    console.log(
      `${name.padEnd(30)} ${`${told}/${troubled}`.padEnd(9)} ${String(falsePages).padEnd(13)} ${median}, ${worst}`,
    );
  }
};

const show = async (files: string[], stacks: Stack[]): Promise<boolean> => {
  let allRight = true;
  for (const file of files) {
    const one = readScenario(file);
    const { pages, wrongs, delays } = judgePages(one, await pagesOf(one, stacks));
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
  const stacks = alarmStacks(readSettings(join(root, 'cdk.json')));
  if (values.packs) await compare(files, stacks);
  else process.exitCode = (await show(files, stacks)) ? 0 : 1;
}
