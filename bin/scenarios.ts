import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { tools } from '../lambdas/tools/index.ts';
import { checkPages, type ScenarioResult } from '../scenarios/check-pages.ts';
import { createPackAlarms, readPacks } from '../scenarios/packs.ts';
import type { Page } from '../scenarios/recipients.ts';
import { formatScore, RESULT_HEADINGS, resultRow, summarize, summaryRows } from '../scenarios/report.ts';
import { type AlarmSet, LEAN_ALARMS, OUR_ALARMS, OUR_ALARMS_WITH_ZEROS, runScenario } from '../scenarios/run.ts';
import { type Scenario, scenario as scenarioSchema, splitBySeed } from '../scenarios/scenario.ts';
import { type Score, scorePages } from '../scenarios/score.ts';
import { createDeployments, type Deployment } from '../scenarios/stacks.ts';
import { EXIT, messageOf, runProgram } from './run-program.ts';
import { formatTable } from './table.ts';

const USAGE = `npm run scenarios [-- options] [FILE-OR-FOLDER…]
Runs scenarios against the template's own alarms, on a simulated clock, and prints which alarms paged and when. Without
a file or folder it runs those of scenarios/traffic. scenarios/README.md explains them, docs/scenarios.md the files.

  --lean     compare with the alarms of lean monitoring on the same scenarios
  --zeros    compare with our alarms where CloudWatch takes a missing operand for 0: all is right only if both are
  --peers    compare with the alarms of two public alarm packs on the same scenarios; takes minutes
  --json     print the results as JSON
  --schema   print the JSON Schema of a scenario file
  --help     print this text

Exit code: 0 when all scenarios are right, 1 when one is wrong, 2 when a file or the arguments cannot be read.`;

const root = join(import.meta.dirname, '..');
const defaultFolder = join(root, 'scenarios/traffic');

/** All scenario files below a folder; of a file, the file itself. */
const findFiles = (path: string): string[] =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.json'))
        .sort()
        .map((file) => join(path, file))
    : [path];

const readScenario = (file: string): Scenario => {
  try {
    const parsed = scenarioSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    return parsed.data;
  } catch (error) {
    throw new Error(`${file}: ${messageOf(error)}`, { cause: error });
  }
};

interface Run {
  name: string;
  scenario: Scenario;
  result: ScenarioResult;
  pages: Page[];
  /** One per set of alarms, ours first. */
  scores: Score[];
}

/** Which other alarms to compare ours with. */
interface Comparison {
  lean?: boolean | undefined;
  zeros?: boolean | undefined;
  peers?: boolean | undefined;
}

const ZEROS = 'ours, missing operands 0';

interface NamedAlarmSet {
  name: string;
  alarmSet: AlarmSet;
}

const selectAlarmSets = ({ lean = false, zeros = false, peers = false }: Comparison): NamedAlarmSet[] => [
  { name: 'ours', alarmSet: OUR_ALARMS },
  ...(zeros ? [{ name: ZEROS, alarmSet: OUR_ALARMS_WITH_ZEROS }] : []),
  ...(lean ? [{ name: 'ours, lean', alarmSet: LEAN_ALARMS }] : []),
  ...(peers ? readPacks() : []).flatMap((pack) => [
    { name: `${pack.name}; failures thrown`, alarmSet: createPackAlarms(pack, 'thrown') },
    { name: `${pack.name}; failures answered`, alarmSet: createPackAlarms(pack, 'answered') },
  ]),
];

/** What our alarms did, and what was wrong where a missing operand is read in the other way. */
const checkBothReadings = (scenario: Scenario, pages: Page[], pagesWithZeros: Page[] | undefined): ScenarioResult => {
  const result = checkPages(scenario, pages);
  const problems = pagesWithZeros ? checkPages(scenario, pagesWithZeros).problems : [];
  return {
    ...result,
    problems: [...result.problems, ...problems.map((problem) => `with missing operands 0, ${problem}`)],
  };
};

/** Deploys what a scenario runs in; an error says which scenario asks for what cannot be deployed. */
const deploy = (name: string, create: () => Deployment): Deployment => {
  try {
    return create();
  } catch (error) {
    throw new Error(`${name}: ${messageOf(error)}`, { cause: error });
  }
};

const runFiles = async (files: readonly string[], alarmSets: readonly NamedAlarmSet[]): Promise<Run[]> => {
  const scenarios = files.flatMap((file) => {
    const read = readScenario(file);
    const name = basename(file, '.json');
    return splitBySeed(read).map((scenario) => ({
      name: Array.isArray(read.seed) ? `${name}, seed ${scenario.seed}` : name,
      scenario,
    }));
  });
  const deploymentOf = createDeployments(JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')).toolwatch, tools);
  const runs: Run[] = [];
  for (const { name, scenario } of scenarios) {
    const deployment = deploy(name, () => deploymentOf(scenario));
    const providerOf = new Map(
      deployment.tools.flatMap(({ name: tool, provider }) => (provider ? [[tool, provider]] : [])),
    );
    const pagesBySet = await runScenario(
      scenario,
      deployment,
      alarmSets.map(({ alarmSet }) => alarmSet),
    );
    const [pages = []] = pagesBySet;
    runs.push({
      name,
      scenario,
      pages,
      result: checkBothReadings(scenario, pages, pagesBySet[alarmSets.findIndex((set) => set.name === ZEROS)]),
      scores: pagesBySet.map((pagesOfSet) => scorePages(scenario, pagesOfSet, providerOf)),
    });
  }
  return runs;
};

const summarizeSets = (runs: readonly Run[], setNames: readonly string[]) =>
  setNames.map((name, index) =>
    summarize(
      name,
      runs.flatMap(({ scores }) => scores[index] ?? []),
    ),
  );

const printResults = (runs: readonly Run[]): void => {
  const rows = runs.map(({ name, scenario, result, pages }) => resultRow(name, scenario, result, pages));
  console.log(formatTable([RESULT_HEADINGS, ...rows]));
  for (const { name, scenario, result } of runs) {
    for (const problem of result.problems) console.log(`WRONG  ${name} (${scenario.title}): ${problem}`);
  }
  const wrong = runs.filter(({ result }) => result.problems.length > 0).length;
  console.log(`\n${runs.length} scenarios, ${wrong === 0 ? 'all right' : `${wrong} wrong`}`);
};

const printComparison = (runs: readonly Run[], setNames: readonly string[]): void => {
  const letters = setNames.map((_, index) => String.fromCharCode(65 + index));
  const rows = runs.map(({ name, scores }) => [name, ...scores.map(formatScore)]);
  console.log('\nMinutes to page; +n: n false pages; ·: nothing to page and nothing paged\n');
  console.log(formatTable([['scenario', ...letters], ...rows]));
  const labels = setNames.map((name, index) => `${letters[index]}  ${name}`);
  console.log(`\n${formatTable(summaryRows(summarizeSets(runs, labels)))}`);
};

const printJson = (runs: readonly Run[], setNames: readonly string[]): void => {
  const isComparison = setNames.length > 1;
  const scoresByName = (scores: readonly Score[]) =>
    Object.fromEntries(setNames.map((name, index) => [name, scores[index]]));
  const scenarios = runs.map(({ name, scenario: { title, expected }, result, pages, scores }) => ({
    name,
    title,
    right: result.problems.length === 0,
    expected,
    ...result,
    pages,
    ...(isComparison ? { scores: scoresByName(scores) } : {}),
  }));
  const summaries = isComparison ? { summaries: summarizeSets(runs, setNames) } : {};
  console.log(JSON.stringify({ scenarios, ...summaries }, null, 2));
};

runProgram(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      json: { type: 'boolean' },
      lean: { type: 'boolean' },
      zeros: { type: 'boolean' },
      peers: { type: 'boolean' },
      schema: { type: 'boolean' },
    },
  });
  if (values.help || values.schema) {
    console.log(values.help ? USAGE : JSON.stringify(z.toJSONSchema(scenarioSchema, { io: 'input' }), null, 2));
    return EXIT.ok;
  }
  const paths = positionals.length > 0 ? positionals : [relative('.', defaultFolder)];
  const alarmSets = selectAlarmSets(values);
  const setNames = alarmSets.map(({ name }) => name);
  const runs = await runFiles(paths.flatMap(findFiles), alarmSets);
  if (values.json) {
    printJson(runs, setNames);
  } else {
    printResults(runs);
    if (setNames.length > 1) printComparison(runs, setNames);
  }
  return runs.every(({ result }) => result.problems.length === 0) ? EXIT.ok : EXIT.wrong;
});
