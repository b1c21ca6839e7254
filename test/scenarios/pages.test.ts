import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OUR_ALARMS, runScenario } from '../../scenarios/run.ts';
import { scenario } from '../../scenarios/scenario.ts';
import { deploymentOf, FOLDERS } from '../support/scenario-pages.ts';

test('each folder of scenarios is tested', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => file.startsWith('pages-of-'));
  const tested = files.flatMap((file) =>
    [...readFileSync(`${import.meta.dirname}/${file}`, 'utf8').matchAll(/'([a-z-]+)'/g)].map(([, folder]) => folder),
  );
  expect(tested.sort()).toEqual([...FOLDERS].sort());
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

test('a tool that takes longer than an HTTP API waits is behind a Function URL, unless the scenario says otherwise', () => {
  const withTool = { title: 'a batch', minutes: 1, tools: { export_all: { timeoutSeconds: 60 } }, traffic: [] };
  expect(deploymentOf(scenario.parse(withTool)).settings.frontDoor.kind).toBe('function-url');
  const stated = { ...withTool, settings: { frontDoor: { kind: 'http-api' } } };
  expect(() => deploymentOf(scenario.parse(stated))).toThrow('the tool export_all may take 60 s');
});
