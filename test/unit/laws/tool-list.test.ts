import { expect, test } from 'vitest';
import { tools } from '../../../lambdas/tools/index.ts';
import { filesBelow } from '../../support/source-files.ts';

test('every file of a tool is in the list, and every tool of the list has its file', () => {
  const files = filesBelow('lambdas/tools')
    .map((file) => file.replace('lambdas/tools/', '').replace('.ts', ''))
    .filter((name) => name !== 'index');
  expect(tools.map((tool) => tool.facts.name.replaceAll('_', '-')).sort()).toEqual(files);
});

test('a tool is described for a model: what it does, and when to use it', () => {
  for (const { facts } of tools) expect(facts.description, facts.name).toMatch(/\. Use /);
});

test('every argument of a tool says what it is', () => {
  const silent = tools.flatMap(({ facts }) =>
    Object.entries(facts.input.shape)
      .filter(([, schema]) => !(schema as { description?: string }).description)
      .map(([argument]) => `${facts.name}.${argument}`),
  );
  expect(silent).toEqual([]);
});
