import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tools } from '../../lambdas/tools/index.ts';
import { checkPages } from '../../scenarios/check-pages.ts';
import { ours, pagesOf } from '../../scenarios/run.ts';
import { type Scenario, scenario } from '../../scenarios/scenario.ts';
import { deployments } from '../../scenarios/stacks.ts';
import { root } from '../support/source-files.ts';

const traffic = join(root, 'scenarios/traffic');
const files = readdirSync(traffic, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
const read = (file: string): Scenario => scenario.parse(JSON.parse(readFileSync(join(traffic, file), 'utf8')));
const deploymentOf = deployments(JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')).toolwatch, tools);

describe('the template’s own alarms', () => {
  test.each(files)('page whom they must and nobody else: %s', async (file) => {
    const one = read(file);
    const [pages = []] = await pagesOf(one, deploymentOf(one), [ours]);
    expect(checkPages(one, pages).wrongs).toEqual([]);
  });

  test('are held to forty scenarios and more', () => {
    expect(files.length).toBeGreaterThanOrEqual(40);
  });
});

test('a scenario happens the same way each time', async () => {
  const one = scenario.parse({
    title: 'by chance',
    minutes: 90,
    seed: 7,
    traffic: [{ tool: 'order_status', calls_per_minute: 20, failures: [{ share: 0.1, from: 30 }] }],
  });
  const run = () => pagesOf(one, deploymentOf(one), [ours]);
  const [first, second] = [await run(), await run()];
  expect(first).toEqual(second);
  expect(first[0]?.map(({ alarm }) => alarm)).toContain('tool/order_status/failing');
});

test('traffic of a tool that nobody has is refused', async () => {
  const one = scenario.parse({ title: 'wrong', minutes: 1, traffic: [{ tool: 'no_such', calls_per_minute: 1 }] });
  await expect(pagesOf(one, deploymentOf(one), [ours])).rejects.toThrow('No tool is called no_such');
});
