import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkPages } from '../../scenarios/check-pages.ts';
import { OUR_ALARMS, runScenario } from '../../scenarios/run.ts';
import { type Scenario, scenario, splitBySeed } from '../../scenarios/scenario.ts';
import { createDeployments } from '../../scenarios/stacks.ts';
import { exampleTools } from '../support/example-tools.ts';
import { root } from '../support/source-files.ts';

const traffic = join(root, 'scenarios/traffic');
const files = readdirSync(traffic, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
const readScenario = (file: string): Scenario => scenario.parse(JSON.parse(readFileSync(join(traffic, file), 'utf8')));
const deploymentOf = createDeployments(
  JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')).toolwatch,
  exampleTools,
);

describe('the template’s own alarms', () => {
  test.each(files)('page as the scenario demands: %s', async (file) => {
    for (const read of splitBySeed(readScenario(file))) {
      const [pages = []] = await runScenario(read, deploymentOf(read), [OUR_ALARMS]);
      expect(checkPages(read, pages).problems, `seed ${read.seed}`).toEqual([]);
    }
  });

  test('are tested with at least forty scenarios', () => {
    expect(files.length).toBeGreaterThanOrEqual(40);
  });
});

test('a scenario with a seed gives the same pages each time', async () => {
  const random = scenario.parse({
    title: 'random failures',
    minutes: 90,
    seed: 7,
    traffic: [{ tool: 'order_status', calls_per_minute: 20, failures: [{ share: 0.1, from: 30 }] }],
  });
  const run = () => runScenario(random, deploymentOf(random), [OUR_ALARMS]);
  const [first, second] = [await run(), await run()];
  expect(first).toEqual(second);
  expect(first[0]?.map(({ alarm }) => alarm)).toContain('tool/order_status/failing');
});

test('traffic of an unknown tool is rejected', async () => {
  const unknown = scenario.parse({ title: 'wrong', minutes: 1, traffic: [{ tool: 'no_such', calls_per_minute: 1 }] });
  await expect(runScenario(unknown, deploymentOf(unknown), [OUR_ALARMS])).rejects.toThrow('No tool is called no_such');
});
