import { describe, expect, test } from 'vitest';
import { speedUpRollout, validateRolloutSettings } from '../../lib/settings/rollout-settings.ts';
import { settingsFrom } from '../../lib/settings.ts';
import { aTool, ofType, type Resources, synthesize } from '../support/synthesized.ts';

const gradual = { rollout: { kind: 'canary', percent: 10, everyMinutes: 20 } } as const;
const tools = [aTool(), aTool({ name: 'place_order' })];
const gatewayRole = (resources: Resources) =>
  JSON.stringify(
    ofType(resources, 'AWS::IAM::Role').find(({ Properties }) =>
      String(Properties.Description).includes('toolwatch-gateway'),
    ),
  );

test('each tool has an alias, and the gateway may call only that', () => {
  const { resources } = synthesize({}, tools);
  expect(ofType(resources, 'AWS::Lambda::Alias').map(({ Properties }) => Properties.Name)).toEqual(['live', 'live']);
  expect(gatewayRole(resources)).toContain(':function:toolwatch-tool-order_status:live');
  expect(gatewayRole(resources)).not.toMatch(/toolwatch-tool-order_status"/);
  expect(ofType(resources, 'AWS::CodeDeploy::DeploymentGroup')).toEqual([]);
});

describe('a gradual rollout', () => {
  const { resources } = synthesize(gradual, tools);

  test('shifts each alias at the pace of the settings, and back when one of the tool’s own alarms fires', () => {
    const [pace] = ofType(resources, 'AWS::CodeDeploy::DeploymentConfig');
    expect(pace?.Properties.TrafficRoutingConfig).toEqual({
      Type: 'TimeBasedCanary',
      TimeBasedCanary: { CanaryInterval: 20, CanaryPercentage: 10 },
    });
    const groups = ofType(resources, 'AWS::CodeDeploy::DeploymentGroup').map(({ Properties }) => Properties);
    expect(groups.map(({ DeploymentGroupName }) => DeploymentGroupName).sort()).toEqual([
      'order_status',
      'place_order',
    ]);
    for (const { DeploymentGroupName, AlarmConfiguration, AutoRollbackConfiguration } of groups) {
      expect(AutoRollbackConfiguration.Events).toContain('DEPLOYMENT_STOP_ON_ALARM');
      const watched = JSON.stringify(AlarmConfiguration.Alarms);
      expect(AlarmConfiguration.Alarms).toHaveLength(2);
      expect(watched.replaceAll('_', '')).toContain(DeploymentGroupName.replaceAll('_', ''));
    }
    const policies = Object.values(resources)
      .filter(({ Type }) => Type === 'AWS::Lambda::Alias')
      .map((alias) => JSON.stringify(alias));
    expect(policies.every((alias) => alias.includes('CodeDeployLambdaAliasUpdate'))).toBe(true);
  });

  test('has one role for all tools, which may shift their aliases and read alarms', () => {
    const roles = ofType(resources, 'AWS::IAM::Role').filter(({ Properties }) =>
      JSON.stringify(Properties.AssumeRolePolicyDocument).includes('codedeploy'),
    );
    expect(roles).toHaveLength(1);
    expect(roles[0]?.Properties.ManagedPolicyArns).toBeUndefined();
    expect(JSON.stringify(roles[0]?.Properties)).toContain('toolwatch-tool-*:live');
  });

  test.each([
    [{ kind: 'canary', percent: 0, everyMinutes: 5 }, 'Setting rollout.percent: write 1 to 99'],
    [{ kind: 'blue-green', percent: 10, everyMinutes: 5 }, 'Setting rollout: write all-at-once, or kind'],
    ['slowly', 'Setting rollout: write all-at-once, or kind'],
    [
      { kind: 'canary', percent: 10, everyMinutes: 19 },
      "the shift is over after 19 minutes, but a tool's alarms may take 20 to fire; write everyMinutes: 20 or more",
    ],
    [{ kind: 'linear', percent: 30, everyMinutes: 6 }, 'over after 18 minutes'],
  ])('is refused as %j', (rollout, words) => {
    expect(() => settingsFrom({ rollout })).toThrow(words);
  });
});

test('the alarm that a provider fails which several tools share also stops the rollout of each of them', () => {
  const shop = ['order_status', 'place_order'].map((name) => aTool({ name, provider: 'shop' }));
  const { resources } = synthesize(gradual, shop);
  for (const { Properties } of ofType(resources, 'AWS::CodeDeploy::DeploymentGroup')) {
    expect(JSON.stringify(Properties.AlarmConfiguration)).toContain('providershopfailing');
  }
});

test.each([
  ['as fast as its alarms', { kind: 'linear', percent: 10, everyMinutes: 20 }, 3],
  ['never too fast for its alarms', { kind: 'canary', percent: 10, everyMinutes: 20 }, 3],
] as const)('a shift in the local run is %s', (_, rollout, everyMinutes) => {
  const [deployed, local] = [
    { periodSeconds: 300, badWindows: 2 },
    { periodSeconds: 60, badWindows: 1 },
  ];
  expect(speedUpRollout(rollout, deployed, local)).toEqual({ ...rollout, everyMinutes });
  expect(validateRolloutSettings(speedUpRollout(rollout, deployed, local), local)).toEqual([]);
});

test('gradual rollouts of 36 tools leave room in every stack', () => {
  const many = Array.from({ length: 36 }, (_, index) => aTool({ name: `tool_${index}` }));
  const { perStack } = synthesize(gradual, many);
  for (const [stack, own] of Object.entries(perStack)) expect(Object.keys(own).length, stack).toBeLessThan(450);
});
