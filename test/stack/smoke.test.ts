import { expect, test } from 'vitest';
import * as z from 'zod';
import { exampleTools } from '../support/example-tools.ts';
import { read } from '../support/source-files.ts';
import { aTool, ofType, rolesOfFunctions, synthesize } from '../support/synthesized.ts';

const alerts = { critical: { emails: ['oncall@example.com'] } };
const { resources } = synthesize({ alerts });

const triggers = (deployed: typeof resources) =>
  Object.entries(deployed).filter(([id, { Type }]) => Type === 'Custom::Trigger' && id.includes('Smoke'));

test('the smoke test runs after everything it tests', () => {
  const [[, trigger] = []] = triggers(resources);
  const waitsFor = trigger?.DependsOn?.join() ?? '';
  for (const part of ['Gateway', 'Api', 'Ingest', 'Refresh', 'Migrate', 'Topics', 'PipelineAlarms', 'Tools']) {
    expect(waitsFor, part).toContain(part);
  }
});

test('it may call three functions, read metrics and alarms, and list the subscriptions of topics with recipients', () => {
  const statements = rolesOfFunctions(resources)['toolwatch-smoke'] ?? [];
  expect(statements.map(({ Action }) => Action)).toEqual([
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    'lambda:InvokeFunction',
    ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'],
    'sns:ListSubscriptionsByTopic',
  ]);
  expect(JSON.stringify(statements[1]?.Resource)).toMatch(
    /function:toolwatch-api.*function:toolwatch-gateway.*function:toolwatch-notify/,
  );
  expect(JSON.stringify(statements[3]?.Resource)).toMatch(/TopicsCritical/);
  expect(JSON.stringify(statements[3]?.Resource)).not.toMatch(/TopicsWarning/);
});

test('it can be left out', () => {
  const without = synthesize({ smokeTest: false }).resources;
  expect(triggers(without)).toEqual([]);
  expect(ofType(without, 'Custom::Trigger')).toHaveLength(1);
});

test('a tool it cannot call fails synthesis, with what to write', () => {
  const picky = aTool({ input: z.object({ order_id: z.string() }) });
  expect(() => synthesize({}, [picky])).toThrow('no read-only tool takes the arguments {}; write smokeTest: {');
  expect(() => synthesize({ smokeTest: { arguments: { order_id: 'A-1' } } }, [picky])).not.toThrow();
  expect(() =>
    synthesize({ smokeTest: { tool: 'place_order' } }, [aTool({ name: 'place_order', readOnly: false })]),
  ).toThrow('Setting smokeTest.tool: place_order is not a read-only tool of the list');
});

test('the first settings in docs/deploying.md call a tool without dependencies', () => {
  const [, written = ''] = /^```json\n([\s\S]*?)^```$/m.exec(read('docs/deploying.md')) ?? [];
  const { toolwatch } = JSON.parse(written);
  const called = ofType(synthesize(toolwatch, exampleTools).resources, 'AWS::Lambda::Function').flatMap(
    ({ Properties: { Environment } }) => Environment?.Variables.SMOKE_TOOL ?? [],
  );
  const { facts } = exampleTools.find(({ facts: { name } }) => called.includes(name)) ?? {};
  expect(facts).toMatchObject({ readOnly: true });
  expect(facts).not.toHaveProperty('provider');
  expect(facts).not.toHaveProperty('asksApi');
});
