import { expect, test } from 'vitest';
import { alarmsOf, aTool, ofType, type Resources, synthesize } from '../support/synthesized.ts';

const tools = Array.from({ length: 200 }, (_, index) => aTool({ name: `tool_${index}` }));
const many = synthesize({}, tools);

/** Where each named function and alarm is, by stack and logical id. */
const places = (perStack: Record<string, Resources>) =>
  Object.entries(perStack).flatMap(([stack, resources]) =>
    Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
      const name = Properties?.FunctionName ?? Properties?.AlarmName;
      return typeof name === 'string' && Type !== 'AWS::Lambda::EventInvokeConfig' ? [`${name} is ${stack}/${id}`] : [];
    }),
  );

test('two hundred tools fit, with room in every stack', () => {
  for (const [stack, resources] of Object.entries(many.perStack)) {
    expect(Object.keys(resources).length, stack).toBeLessThan(400);
  }
  expect(
    ofType(many.resources, 'AWS::Lambda::Function').filter(({ Properties }) => /-tool-/.test(Properties.FunctionName)),
  ).toHaveLength(200);
  expect(
    alarmsOf(many.resources).filter(
      ({ Properties }) => Properties.AlarmName.endsWith('/failing') && Properties.AlarmName.startsWith('tool/'),
    ),
  ).toHaveLength(200);
});

test('so many may depend on one service, under names as long as there may be', () => {
  const dependents = tools.map(({ facts }) =>
    aTool({ ...facts, name: facts.name.padEnd(48, '_'), provider: 'a_service_with_a_long_name' }),
  );
  const runbookUrl = 'https://wiki.example.com/teams/platform/toolwatch/operations/runbook';
  const { resources } = synthesize({ runbookUrl }, dependents);
  const down = alarmsOf(resources).find(({ Properties }) => Properties.AlarmName.endsWith('/down'));
  expect(JSON.stringify(down?.Properties.AlarmDescription)).toContain(' and 195 more. Their own alarms keep still');
});

test.each([1, 20, 199])('whether there are %i tools or two hundred, none moves', (count) => {
  const among = new Set(places(many.perStack));
  const few = places(synthesize({}, tools.slice(-count)).perStack);
  expect(few.filter((place) => !among.has(place))).toEqual([]);
});

test('two hundred tools with everything that can be asked for fit too', () => {
  const alarms = { p95Ms: 2_000, errorRate: 0.02, objective: 0.999, silentAfterMinutes: 60 };
  const rollout = { kind: 'canary', percent: 10, everyMinutes: 20 } as const;
  const asking = tools.map(({ facts }) => aTool({ ...facts, alarms }));
  const { perStack } = synthesize({ rollout, alarms: { callerFaultShift: true } }, asking);
  for (const [stack, resources] of Object.entries(perStack)) {
    expect(Object.keys(resources).length, stack).toBeLessThan(450);
  }
});

test('more than a stack takes is said with what to write', () => {
  expect(() => synthesize({ toolGroups: 0 }, tools)).toThrow(
    /^Setting toolGroups: the stack ToolwatchApp would hold \d+ resources, and CloudFormation takes 500; write a larger number\.$/,
  );
});

test('the dashboard shows no more than CloudWatch lets it', () => {
  for (const { Properties } of ofType(many.resources, 'AWS::CloudWatch::Dashboard')) {
    const widgets = JSON.stringify(Properties.DashboardBody).match(/\\"type\\":\\"metric\\"/g) ?? [];
    expect(widgets.length).toBeLessThanOrEqual(500);
  }
});

test('the gateway may call functions of tools only, by their prefix once they are too many to name', () => {
  const [gateway] = Object.entries(many.resources)
    .filter(([id]) => /GatewayRole/.test(id))
    .map(([, resource]) => JSON.stringify(resource));
  expect(gateway).toContain(':function:toolwatch-tool-*');
});
