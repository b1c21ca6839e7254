import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { hooksEnv } from '../../lambdas/contract/env/hooks.ts';
import { readVariables } from '../../lambdas/contract/env/read-variables.ts';
import type { SettingsInput } from '../../lib/settings.ts';
import { alarmsOf, aTool, listOf, ofType, rolesOfFunctions, synthesize } from '../support/synthesized.ts';

type Hook = NonNullable<SettingsInput['hooks']>[number];

const TOOLS = [
  aTool({ name: 'record_payment', readOnly: false, idempotent: true, input: z.object({ event: z.unknown() }) }),
  aTool({ name: 'place_order', readOnly: false }),
  aTool({ name: 'weather', secrets: ['WEATHER_KEY'], input: z.object({ city: z.string(), day: z.string() }) }),
];
const STRIPE: Hook = { source: 'stripe-eu', scheme: 'stripe', tool: 'record_payment', argument: 'event' };
const GITHUB: Hook = { source: 'github', scheme: 'github', tool: 'weather', secret: { parameter: '/github/hook' } };
const withHooks = (hooks: Hook[], more: SettingsInput = {}) =>
  synthesize({ jobs: {}, smokeTest: false, hooks, ...more }, TOOLS);

const { resources, perStack, outputs } = withHooks([STRIPE, GITHUB]);
const functionIn = (within: typeof resources) =>
  ofType(within, 'AWS::Lambda::Function').find(({ Properties }) => Properties.FunctionName === 'toolwatch-hooks')
    ?.Properties;

test('without sources there is nothing of them', () => {
  const { resources: plain, outputs: plainOutputs } = withHooks([]);
  expect(JSON.stringify(plain)).not.toMatch(/toolwatch-hooks|hooks\//);
  expect(plainOutputs).not.toContain('HooksUrl');
});

describe('what receives hooks', () => {
  test('is outside of the network, has its own concurrency, and reads what the function expects', () => {
    const { VpcConfig, ReservedConcurrentExecutions, Environment } = functionIn(resources);
    expect([VpcConfig, ReservedConcurrentExecutions]).toEqual([undefined, 20]);
    const { HOOKS } = readVariables(hooksEnv, { ...Environment.Variables, JOB_QUEUE: 'a-queue' });
    expect(HOOKS).toEqual([
      { ...STRIPE, secret: 'HOOK_STRIPE_EU', maxBytes: 262_144, toleranceSeconds: 300 },
      {
        source: 'github',
        scheme: 'github',
        tool: 'weather',
        secret: 'HOOK_GITHUB',
        maxBytes: 262_144,
        toleranceSeconds: 300,
      },
    ]);
  });

  test('may send to the queue of jobs and read the secrets of its sources, and nothing else', () => {
    const allowed = (rolesOfFunctions(resources)['toolwatch-hooks'] ?? [])
      .filter(({ Action }) => listOf(Action).every((action) => !action.startsWith('logs:')))
      .map(({ Action, Resource }) => `${listOf(Action)} ${JSON.stringify(Resource)}`);
    expect(allowed).toEqual([
      expect.stringMatching(/^sqs:SendMessage \{"Fn::GetAtt":\["JobsQueue\w+","Arn"\]\}$/),
      expect.stringMatching(/^secretsmanager:GetSecretValue .*secret:toolwatch\/HOOK_STRIPE_EU-\?{6}/),
      expect.stringMatching(/^ssm:GetParameter .*parameter\/github\/hook/),
    ]);
    const created = ofType(perStack.ToolwatchData ?? {}, 'AWS::SecretsManager::Secret');
    expect(created.map(({ Properties }) => Properties.Name).sort()).toEqual([
      'toolwatch/HOOK_STRIPE_EU',
      'toolwatch/WEATHER_KEY',
    ]);
  });

  test('is reached by a route without a token, and by no other open route', () => {
    const routes = ofType(resources, 'AWS::ApiGatewayV2::Route')
      .map(({ Properties }) => Properties)
      .filter(({ Target }) => JSON.stringify(Target).includes('Hooks'));
    expect(routes.map(({ RouteKey, AuthorizationType }) => [RouteKey, AuthorizationType])).toEqual([
      ['POST /hooks/{source}', 'NONE'],
    ]);
    expect(outputs).toContain('HooksUrl');
  });

  test('has an open Function URL where those are the front door, and no other is open', () => {
    const urls = withHooks([STRIPE], { frontDoor: { kind: 'function-url' } });
    const open = ofType(urls.resources, 'AWS::Lambda::Url').filter(({ Properties }) => Properties.AuthType === 'NONE');
    expect(JSON.stringify(open.map(({ Properties }) => Properties.TargetFunctionArn))).toMatch(
      /^\[.*"HooksFunction\w+"/,
    );
    expect(open).toHaveLength(1);
    expect(urls.outputs).toContain('HooksUrl');
  });

  test('has a critical alarm on our failures and a warning over all sources', () => {
    const alarms = alarmsOf(resources).filter(({ Properties }) => Properties.AlarmName.startsWith('hooks/'));
    expect(
      alarms.map(({ Properties: { AlarmName, AlarmActions } }) => [
        AlarmName,
        /Critical/.test(JSON.stringify(AlarmActions)),
      ]),
    ).toEqual([
      ['hooks/failing', true],
      ['hooks/refused', false],
    ]);
    expect(alarms[1]?.Properties.Metrics[0].Expression).toBe(
      'SELECT SUM(hook_refusals_net) FROM SCHEMA("Toolwatch", service, source) ' +
        "WHERE service = 'toolwatch' GROUP BY source ORDER BY SUM() DESC",
    );
  });
});

test.each<[string, Hook[], string]>([
  ['of an unknown tool', [{ ...GITHUB, tool: 'nothing' }], 'github calls the tool nothing, which does not exist'],
  ['of a tool that must not be repeated', [{ ...GITHUB, tool: 'place_order' }], 'takesIdempotencyKey: true'],
  ['with an argument that is none', [{ ...GITHUB, argument: 'event' }], 'weather does not take; it takes city, day.'],
  ['whose tool needs more', [{ ...GITHUB, argument: 'city' }], 'nothing but city, and it also needs day.'],
  ["with a tool's secret", [{ ...GITHUB, secretName: 'WEATHER_KEY' }], "WEATHER_KEY, which is a tool's or a channel's"],
  [
    'with one secret at two places',
    [
      { ...STRIPE, secretName: 'S' },
      { ...GITHUB, secretName: 'S' },
    ],
    'name the secret S, but store it at different places',
  ],
  ['with a tenant that no record can have', [{ ...GITHUB, tenant: 'a\nb' }], 'tenant: write 1 to 128 letters'],
  [
    'that are too many for the variables of a function',
    Array.from({ length: 30 }, (_, index) => ({ ...STRIPE, source: `source-number-${index}` })),
    'bytes as JSON with the places of their secrets, and 3400 are possible',
  ],
])('hooks %s are refused', (_, hooks, message) => {
  expect(() => withHooks(hooks)).toThrow(message);
});
