import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { tools } from '../lambdas/tools/index.ts';
import { checkPages, type ScenarioResult } from '../scenarios/check-pages.ts';
import { packWatch, readPacks } from '../scenarios/packs.ts';
import { lean, ours, type Page, pagesOf, type Watch } from '../scenarios/run.ts';
import { type Scenario, scenario } from '../scenarios/scenario.ts';
import { type Score, scoreOf } from '../scenarios/score.ts';
import { deployments } from '../scenarios/stacks.ts';
import { formatTable, RESULT_HEAD, resultRow, scoreCell, summarize, summaryRows } from '../scenarios/table.ts';

const USAGE = `npm run scenarios [-- FILE-OR-FOLDER…]
Lets each scenario happen before the template's own alarms, on a clock of its own, and prints who was told when. Without
any: those of scenarios/traffic. The exit status is 1 when a scenario is wrong, 2 when one cannot be read.

  --lean     the alarms of lean monitoring beside ours on the same scenarios: what they miss
  --peers    two known alarm packs beside ours on the same scenarios: what they miss, what they make of nothing
  --json     the same as JSON
  --schema   what a file may say, as a JSON Schema (docs/scenarios.md says it in words)
  --help     this`;

const root = join(import.meta.dirname, '..');
const traffic = join(root, 'scenarios/traffic');

/** The scenario files of a folder and the folders within it; a file stands for itself. */
const filesIn = (path: string): string[] =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.json'))
        .sort()
        .map((file) => join(path, file))
    : [path];

const OPTIONS = {
  help: { type: 'boolean' },
  json: { type: 'boolean' },
  lean: { type: 'boolean' },
  peers: { type: 'boolean' },
  schema: { type: 'boolean' },
} as const;

class Unreadable extends Error {}

const readScenario = (file: string): Scenario => {
  try {
    const parsed = scenario.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (parsed.success) return parsed.data;
    throw new Unreadable(`${file}: ${z.prettifyError(parsed.error)}`);
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(`${file}: ${error instanceof Error ? error.message : error}`);
  }
};

interface Result {
  name: string;
  scenario: Scenario;
  verdict: ScenarioResult;
  pages: Page[];
  scores: Score[];
}

/** Whose alarms stand beside ours. */
interface Beside {
  lean?: boolean;
  peers?: boolean;
}

const watchesOf = ({ lean: withLean = false, peers = false }: Beside): { name: string; watch: Watch }[] => [
  { name: 'ours', watch: ours },
  ...(withLean ? [{ name: 'ours, lean', watch: lean }] : []),
  ...(peers ? readPacks() : []).flatMap((pack) => [
    { name: `${pack.name}; failures thrown`, watch: packWatch(pack, 'thrown') },
    { name: `${pack.name}; failures answered`, watch: packWatch(pack, 'answered') },
  ]),
];

const show = (results: readonly Result[], names: readonly string[]): void => {
  console.log(
    formatTable([RESULT_HEAD, ...results.map((one) => resultRow(one.name, one.scenario, one.verdict, one.pages))]),
  );
  for (const { name, verdict } of results) for (const wrong of verdict.wrongs) console.log(`WRONG  ${name}: ${wrong}`);
  const wrong = results.filter(({ verdict }) => verdict.wrongs.length > 0).length;
  console.log(`\n${results.length} scenarios, ${wrong === 0 ? 'all right' : `${wrong} wrong`}`);
  if (names.length === 1) return;
  const letters = names.map((_, index) => String.fromCharCode(65 + index));
  console.log('\nMinutes to page; +n: so many pages about what was not wrong; ·: nothing to tell and nothing told\n');
  console.log(
    formatTable([
      ['scenario', ...letters],
      ...results.map(({ name, scores }) => [name, ...scores.map((one) => scoreCell(one))]),
    ]),
  );
  const standings = names.map((name, index) =>
    summarize(
      `${letters[index]}  ${name}`,
      results.flatMap(({ scores }) => scores[index] ?? []),
    ),
  );
  console.log(`\n${formatTable(summaryRows(standings))}`);
};

const run = async (
  files: readonly string[],
  { json = false, ...beside }: Beside & { json?: boolean },
): Promise<boolean> => {
  const scenarios = files.map((file) => ({ name: basename(file, '.json'), scenario: readScenario(file) }));
  const deploymentOf = deployments(JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')).toolwatch, tools);
  const watches = watchesOf(beside);
  const results: Result[] = [];
  for (const { name, scenario: one } of scenarios) {
    const deployment = deploymentOf(one);
    const providerOf = new Map(
      deployment.tools.flatMap(({ name: of, provider }) => (provider ? [[of, provider]] : [])),
    );
    const told = await pagesOf(
      one,
      deployment,
      watches.map(({ watch }) => watch),
    );
    const [pages = []] = told;
    results.push({
      name,
      scenario: one,
      pages,
      verdict: checkPages(one, pages),
      scores: told.map((some) => scoreOf(one, some, providerOf)),
    });
  }
  const names = watches.map(({ name }) => name);
  if (json) {
    const standings = names.map((name, index) =>
      summarize(
        name,
        results.flatMap(({ scores }) => scores[index] ?? []),
      ),
    );
    const shown = results.map(({ name, scenario: { title, expected }, verdict, pages, scores }) => ({
      name,
      title,
      right: verdict.wrongs.length === 0,
      expected,
      ...verdict,
      pages,
      ...(names.length > 1 ? { scores: Object.fromEntries(names.map((of, index) => [of, scores[index]])) } : {}),
    }));
    console.log(JSON.stringify({ scenarios: shown, ...(names.length > 1 ? { standings } : {}) }, null, 2));
  } else show(results, names);
  return results.every(({ verdict }) => verdict.wrongs.length === 0);
};

try {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  if (values.help) console.log(USAGE);
  else if (values.schema) console.log(JSON.stringify(z.toJSONSchema(scenario, { io: 'input' }), null, 2));
  else {
    const chosen = (positionals.length > 0 ? positionals : [relative('.', traffic)]).flatMap(filesIn);
    process.exitCode = (await run(chosen, values)) ? 0 : 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
