import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDrivenClock, type DrivenClock } from '../../emulator/clock.ts';
import { aFunction, aRole, baseResources, CALLER, MAY_DO_ALL, startSmallCloud } from '../support/small-cloud.ts';

const LINEAR = { Type: 'TimeBasedLinear', TimeBasedLinear: { LinearPercentage: 40, LinearInterval: 2 } };
const CANARY = { Type: 'TimeBasedCanary', TimeBasedCanary: { CanaryPercentage: 10, CanaryInterval: 5 } };

const said = (words: string) => `export const handler = async () => '${words}';`;
const CODE = { tool: said('old'), next: said('new'), third: said('third') };

interface Wanted {
  code?: keyof typeof CODE;
  pace?: object;
  goesBack?: boolean;
  more?: Record<string, object>;
}

/** A function called by its alias, whose calls shift while an alarm on `errors` watches. */
const template = ({ code = 'tool', pace = LINEAR, goesBack = true, more = {} }: Wanted = {}) => ({
  ...baseResources(),
  Shifter: aRole('shifter', [MAY_DO_ALL], 'codedeploy.amazonaws.com'),
  Function: aFunction('tool', { Code: { S3Key: code } }),
  [`Version${code}`]: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Function' } } },
  Errors: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: 'errors',
      Namespace: 'N',
      MetricName: 'errors',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    },
  },
  Application: { Type: 'AWS::CodeDeploy::Application', Properties: { ComputePlatform: 'Lambda' } },
  Pace: {
    Type: 'AWS::CodeDeploy::DeploymentConfig',
    Properties: { ComputePlatform: 'Lambda', TrafficRoutingConfig: pace },
  },
  Group: {
    Type: 'AWS::CodeDeploy::DeploymentGroup',
    Properties: {
      ApplicationName: { Ref: 'Application' },
      DeploymentGroupName: 'tool',
      DeploymentConfigName: { Ref: 'Pace' },
      DeploymentStyle: { DeploymentOption: 'WITH_TRAFFIC_CONTROL', DeploymentType: 'BLUE_GREEN' },
      ServiceRoleArn: { 'Fn::GetAtt': ['Shifter', 'Arn'] },
      AlarmConfiguration: { Enabled: true, Alarms: [{ Name: { Ref: 'Errors' } }] },
      AutoRollbackConfiguration: {
        Enabled: goesBack,
        Events: ['DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST', 'DEPLOYMENT_FAILURE'],
      },
    },
  },
  Alias: {
    Type: 'AWS::Lambda::Alias',
    Properties: {
      FunctionName: { Ref: 'Function' },
      FunctionVersion: { 'Fn::GetAtt': [`Version${code}`, 'Version'] },
      Name: 'live',
    },
    UpdatePolicy: {
      CodeDeployLambdaAliasUpdate: {
        ApplicationName: { Ref: 'Application' },
        DeploymentGroupName: { Ref: 'Group' },
      },
    },
  },
  ...more,
});

let clock: DrivenClock;
let cloud: Awaited<ReturnType<typeof startSmallCloud>>;
beforeEach(async () => {
  clock = createDrivenClock(Date.UTC(2026, 10, 20, 22));
  // Ten calls in a row meet each tenth of chance once.
  let call = 0;
  cloud = await startSmallCloud({
    clock,
    code: CODE,
    resources: template(),
    chance: () => ((call++ % 10) + 0.5) / 10,
  });
  cloud.start();
});
afterEach(() => cloud.stop());

const answer = async (name: string): Promise<string> =>
  JSON.parse((await cloud.lambda.invoke({ principal: CALLER, function: name, event: '{}' })).payload);
/** Who answers ten calls: how many were the old version's, and how many the new one's. */
const tenCalls = async (): Promise<[old: number, young: number]> => {
  const answers: string[] = [];
  for (let index = 0; index < 10; index += 1) answers.push(await answer('tool:live'));
  return [answers.filter((one) => one === 'old').length, answers.filter((one) => one !== 'old').length];
};
/** Deploys, and tells how it ended once it has. */
const deploying = (wanted: Wanted) => {
  const state: { over: boolean; failure?: string } = { over: false };
  const done = cloud
    .redeployed(template(wanted))
    .catch((error: Error) => {
      state.failure = error.message;
    })
    .finally(() => {
      state.over = true;
    });
  return Object.assign(state, { done });
};
/** Lets what is under way between two looks at the clock happen. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const minutes = async (count: number) => {
  for (let second = 0; second < count * 60; second += 10) {
    await settled();
    await clock.advance(10_000);
  }
  await settled();
};
const fail = () => cloud.metrics.put({ namespace: 'N', name: 'errors', dimensions: {} }, 1);

test('the first version has all calls at once', async () => {
  expect(await tenCalls()).toEqual([10, 0]);
  expect(cloud.heard.shifts).toEqual([]);
});

test('linear: so many percent every so many minutes, then all', async () => {
  const deployment = deploying({ code: 'next' });
  await settled();
  expect(await tenCalls()).toEqual([6, 4]);
  await minutes(2);
  expect(await tenCalls()).toEqual([2, 8]);
  expect(deployment.over).toBe(false);
  await minutes(2);
  await deployment.done;
  expect(deployment.failure).toBeUndefined();
  expect(await tenCalls()).toEqual([0, 10]);
  expect(cloud.heard.shifts.at(-1)).toBe('tool: version 2 has 100 % of the calls');
});

test('canary: a part first, and the rest after so many minutes', async () => {
  const deployment = deploying({ code: 'next', pace: CANARY });
  await settled();
  expect(await tenCalls()).toEqual([9, 1]);
  await minutes(4.5);
  expect(await tenCalls()).toEqual([9, 1]);
  await minutes(0.5);
  await deployment.done;
  expect(await tenCalls()).toEqual([0, 10]);
});

describe('when the alarm fires meanwhile', () => {
  test('the version before has all calls again, and the deployment is rolled back', async () => {
    const deployment = deploying({ code: 'next' });
    await settled();
    expect(await tenCalls()).toEqual([6, 4]);
    fail();
    await minutes(1.5);
    await deployment.done;
    expect(deployment.failure).toContain('Tiny is rolled back: AWS::Lambda::Alias Tiny/Alias: version 1 of tool');
    expect(deployment.failure).toContain('errors fired');
    expect(await tenCalls()).toEqual([10, 0]);
    // What is not behind the alias is rolled back too.
    expect(await answer('tool')).toBe('old');
  });

  test('the next deployment is a version of its own', async () => {
    const first = deploying({ code: 'next' });
    await settled();
    fail();
    await minutes(1.5);
    await first.done;
    await minutes(4);
    expect(cloud.alarms.report()).toMatchObject([{ name: 'errors', state: 'OK' }]);
    const second = deploying({ code: 'third' });
    await minutes(4.5);
    await second.done;
    expect(second.failure).toBeUndefined();
    expect(cloud.heard.shifts.at(-1)).toBe('tool: version 3 has 100 % of the calls');
    expect(await answer('tool:live')).toBe('third');
  });

  test('a stop alone leaves calls where they are, until the rollback that follows it', async () => {
    const deployment = deploying({ code: 'next', goesBack: false });
    await settled();
    fail();
    await minutes(1.5);
    await deployment.done;
    expect(cloud.heard.shifts).toEqual(['tool: version 2 has 40 % of the calls']);
    expect(await tenCalls()).toEqual([10, 0]);
  });
});

test('when the alarm has fired before, no call shifts', async () => {
  fail();
  await minutes(1.5);
  const deployment = deploying({ code: 'next' });
  await settled();
  await deployment.done;
  expect(deployment.failure).toContain('errors fired');
  expect(await tenCalls()).toEqual([10, 0]);
});

test('when another part of the deployment fails meanwhile, calls go back', async () => {
  const broken = { Broken: aFunction('broken', { Role: 'nobody', DependsOn: ['Log'] }) };
  const deployment = deploying({ code: 'next', more: broken });
  await settled();
  await minutes(0.5);
  await deployment.done;
  expect(deployment.failure).toContain('Tiny/Broken');
  expect(await tenCalls()).toEqual([10, 0]);
});

test('the role is asked at each step', async () => {
  const deployment = deploying({
    code: 'next',
    more: {
      Shifter: aRole(
        'shifter',
        [MAY_DO_ALL, { Effect: 'Deny', Action: 'lambda:UpdateAlias', Resource: '*' }],
        'codedeploy.amazonaws.com',
      ),
    },
  });
  await settled();
  await deployment.done;
  expect(deployment.failure).toContain('lambda:UpdateAlias');
  expect(await tenCalls()).toEqual([10, 0]);
});
