import { expect, test } from 'vitest';
import { SEVERITIES } from '../../lambdas/contract/severity.ts';
import { readSettings } from '../../lib/settings.ts';
import { exampleTools } from '../support/example-tools.ts';
import { root } from '../support/source-files.ts';
import { alarmsOf, listOf, type Resources, rolesOfFunctions, synthesize } from '../support/synthesized.ts';

const { resources, perStack } = synthesize(readSettings(`${root}/cdk.json`), exampleTools);

const typesIn = (stack: Resources): string[] => {
  const counts = new Map<string, number>();
  for (const { Type } of Object.values(stack)) counts.set(Type, (counts.get(Type) ?? 0) + 1);
  return [...counts].sort().map(([type, count]) => `  ${String(count).padStart(3)} ${type}`);
};

/**
 * What is deployed, for a reviewer: how many resources of each type, what each function may do, which severities each
 * alarm notifies.
 */
const inventory = [
  ...Object.entries(perStack).flatMap(([stack, own]) => [stack, ...typesIn(own), '']),
  'What each function may do',
  ...Object.entries(rolesOfFunctions(resources))
    .sort()
    .flatMap(([name, statements]) => [
      `  ${name}`,
      ...statements.map(({ Effect, Action }) => `    ${Effect.toLowerCase()} ${listOf(Action).join(', ')}`),
    ]),
  '',
  'Whom each alarm tells',
  ...alarmsOf(resources)
    .map(({ Properties }) => {
      const actions = JSON.stringify(Properties.AlarmActions ?? []);
      const notified = SEVERITIES.filter((severity) => actions.toLowerCase().includes(`topics${severity}`));
      return `  ${Properties.AlarmName}: ${notified.join(' and ') || 'nobody itself'}`;
    })
    .sort(),
  '',
].join('\n');

test('what is deployed is what the inventory says', async () => {
  await expect(inventory).toMatchFileSnapshot('./inventory.txt');
});
