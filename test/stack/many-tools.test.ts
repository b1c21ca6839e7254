import { expect, test } from 'vitest';
import { alarmsOf, aTool, ofType, type Resources, synthesize } from '../support/synthesized.ts';

const tools = Array.from({ length: 200 }, (_, index) => aTool({ name: `tool_${index}` }));
const many = synthesize({}, tools);

/** The stack and logical id of each named function and alarm. */
const places = (perStack: Record<string, Resources>) =>
  Object.entries(perStack).flatMap(([stack, resources]) =>
    Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
      const name = Properties?.FunctionName ?? Properties?.AlarmName;
      return typeof name === 'string' && Type !== 'AWS::Lambda::EventInvokeConfig' ? [`${name} is ${stack}/${id}`] : [];
    }),
  );

test('two hundred tools leave room in every stack', () => {
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

test('they may all depend on one provider, with names of the maximum length', () => {
  const dependents = tools.map(({ facts }) =>
    aTool({ ...facts, name: `${facts.name}_`.padEnd(48, 'x'), provider: 'a_service_with_a_long_name' }),
  );
  const runbookUrl = 'https://wiki.example.com/teams/platform/toolwatch/operations/runbook';
  const { resources } = synthesize({ runbookUrl }, dependents);
  const down = alarmsOf(resources).find(({ Properties }) => Properties.AlarmName.endsWith('/down'));
  expect(JSON.stringify(down?.Properties.AlarmDescription)).toContain(' and 195 more.');
});

test.each([1, 20, 199])('no tool moves between stacks when %i tools become two hundred', (count) => {
  const later = new Set(places(many.perStack));
  const earlier = places(synthesize({}, tools.slice(-count)).perStack);
  expect(earlier.filter((place) => !later.has(place))).toEqual([]);
});

test('two hundred tools with every optional alarm leave room in every stack', () => {
  const alarms = { p95Ms: 2_000, errorRate: 0.02, objective: 0.999, silentAfterMinutes: 60 };
  const rollout = { kind: 'canary', percent: 10, everyMinutes: 20 } as const;
  const demanding = tools.map(({ facts }) => aTool({ ...facts, alarms }));
  const { perStack } = synthesize({ rollout, alarms: { callerFaultShift: true } }, demanding);
  for (const [stack, resources] of Object.entries(perStack)) {
    expect(Object.keys(resources).length, stack).toBeLessThan(450);
  }
});

test('a stack with too many resources is refused, with what to write', () => {
  expect(() => synthesize({ toolGroups: 0 }, tools)).toThrow(
    /^Setting toolGroups: .* ToolwatchApp would have \d+ resources, .* allows 500; write a larger number\.$/,
  );
});

test('the dashboard has no more widgets than CloudWatch allows', () => {
  for (const { Properties } of ofType(many.resources, 'AWS::CloudWatch::Dashboard')) {
    const widgets = JSON.stringify(Properties.DashboardBody).match(/\\"type\\":\\"metric\\"/g) ?? [];
    expect(widgets.length).toBeLessThanOrEqual(500);
  }
});

test('the gateway may call functions of tools only, by their prefix when there are too many to name', () => {
  const [gateway] = Object.entries(many.resources)
    .filter(([id]) => /GatewayRole/.test(id))
    .map(([, resource]) => JSON.stringify(resource));
  expect(gateway).toContain(':function:toolwatch-tool-*');
});
