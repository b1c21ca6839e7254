import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDrivenClock, type DrivenClock } from '../../emulator/clock.ts';
import { ALLOW_ALL, aFunction, aRole, baseResources, CALLER, startSmallCloud } from '../support/small-cloud.ts';

const LINEAR = { Type: 'TimeBasedLinear', TimeBasedLinear: { LinearPercentage: 40, LinearInterval: 2 } };
const CANARY = { Type: 'TimeBasedCanary', TimeBasedCanary: { CanaryPercentage: 10, CanaryInterval: 5 } };

const returning = (text: string) => `export const handler = async () => '${text}';`;
const CODE = { tool: returning('old'), next: returning('new'), third: returning('third') };

interface TemplateOptions {
  code?: keyof typeof CODE;
  routing?: object;
  rollsBack?: boolean;
  more?: Record<string, object>;
}

/** A function with an alias whose calls shift to a new version, unless an alarm on `errors` fires. */
const template = ({ code = 'tool', routing = LINEAR, rollsBack = true, more = {} }: TemplateOptions = {}) => ({
  ...baseResources(),
  Shifter: aRole('shifter', [ALLOW_ALL], 'codedeploy.amazonaws.com'),
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
  Config: {
    Type: 'AWS::CodeDeploy::DeploymentConfig',
    Properties: { ComputePlatform: 'Lambda', TrafficRoutingConfig: routing },
  },
  Group: {
    Type: 'AWS::CodeDeploy::DeploymentGroup',
    Properties: {
      ApplicationName: { Ref: 'Application' },
      DeploymentGroupName: 'tool',
      DeploymentConfigName: { Ref: 'Config' },
      DeploymentStyle: { DeploymentOption: 'WITH_TRAFFIC_CONTROL', DeploymentType: 'BLUE_GREEN' },
      ServiceRoleArn: { 'Fn::GetAtt': ['Shifter', 'Arn'] },
      AlarmConfiguration: { Enabled: true, Alarms: [{ Name: { Ref: 'Errors' } }] },
      AutoRollbackConfiguration: {
        Enabled: rollsBack,
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
  // Ten calls in a row draw each tenth of 0 to 1 once.
  let call = 0;
  cloud = await startSmallCloud({
    clock,
    code: CODE,
    resources: template({ more: listening() }),
    random: () => ((call++ % 10) + 0.5) / 10,
  });
  cloud.start();
});
afterEach(() => cloud.stop());

const invoke = async (name: string): Promise<string> =>
  JSON.parse((await cloud.lambda.invoke({ principal: CALLER, function: name, event: '{}' })).payload);
/** How many of ten calls the old version answers, and how many a newer one. */
const callTenTimes = async (): Promise<[byOld: number, byNew: number]> => {
  const answers: string[] = [];
  for (let index = 0; index < 10; index += 1) answers.push(await invoke('tool:live'));
  const byOld = answers.filter((answer) => answer === 'old').length;
  return [byOld, answers.length - byOld];
};
/** Starts a deployment, and reports when and how it ends. */
const startDeployment = (options: TemplateOptions) => {
  const state: { isOver: boolean; failure?: string } = { isOver: false };
  const done = cloud
    .redeployWith(template({ ...options, more: { ...listening(), ...options.more } }))
    .catch((error: Error) => {
      state.failure = error.message;
    })
    .finally(() => {
      state.isOver = true;
    });
  return Object.assign(state, { done });
};
/** Gives work that does not wait for the clock time to run. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
const advanceMinutes = async (count: number) => {
  for (let second = 0; second < count * 60; second += 10) {
    await pause();
    await clock.advance(10_000);
  }
  await pause();
};
const putError = () => cloud.metrics.put({ namespace: 'N', name: 'errors', dimensions: {} }, 1);

/** Hands what CodeDeploy says of the application to a queue. */
const listening = () => ({
  Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'said' } },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: { source: ['aws.codedeploy'], detail: { application: [{ Ref: 'Application' }] } },
      Targets: [{ Id: 'said', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }],
    },
  },
  Policy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Queue' }],
      PolicyDocument: {
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
        ],
      },
    },
  },
});
const saidStates = () =>
  (cloud.sqs.report().said ?? []).map(({ body }) => {
    const { 'detail-type': type, detail } = JSON.parse(body);
    expect(type).toBe('CodeDeploy Deployment State-change Notification');
    return `${detail.deploymentGroup} ${detail.state}`;
  });

test('the first version receives all calls immediately', async () => {
  expect(await callTenTimes()).toEqual([10, 0]);
  expect(cloud.events.shifts).toEqual([]);
});

test('a linear shift adds a share of the calls at each interval, up to all', async () => {
  const deployment = startDeployment({ code: 'next' });
  await pause();
  expect(await callTenTimes()).toEqual([6, 4]);
  await advanceMinutes(2);
  expect(await callTenTimes()).toEqual([2, 8]);
  expect(deployment.isOver).toBe(false);
  await advanceMinutes(2);
  await deployment.done;
  expect(deployment.failure).toBeUndefined();
  expect(await callTenTimes()).toEqual([0, 10]);
  expect(cloud.events.shifts.at(-1)).toBe('tool: version 2 has 100 % of the calls');
  expect(saidStates()).toEqual(['tool START', 'tool SUCCESS']);
});

test('a canary shift begins with a share of the calls and adds the rest after the interval', async () => {
  const deployment = startDeployment({ code: 'next', routing: CANARY });
  await pause();
  expect(await callTenTimes()).toEqual([9, 1]);
  await advanceMinutes(4.5);
  expect(await callTenTimes()).toEqual([9, 1]);
  await advanceMinutes(0.5);
  await deployment.done;
  expect(await callTenTimes()).toEqual([0, 10]);
});

describe('when the alarm fires during a shift', () => {
  test('the previous version receives all calls again, and the deployment is rolled back', async () => {
    const deployment = startDeployment({ code: 'next' });
    await pause();
    expect(await callTenTimes()).toEqual([6, 4]);
    putError();
    await advanceMinutes(1.5);
    await deployment.done;
    expect(deployment.failure).toContain('Small was rolled back: AWS::Lambda::Alias Small/Alias: version 1 of tool');
    expect(deployment.failure).toContain('errors fired');
    expect(saidStates()).toEqual(['tool START', 'tool STOP']);
    expect(await callTenTimes()).toEqual([10, 0]);
    // The function itself, outside the alias, is rolled back as well.
    expect(await invoke('tool')).toBe('old');
  });

  test('the next deployment publishes another version', async () => {
    const first = startDeployment({ code: 'next' });
    await pause();
    putError();
    await advanceMinutes(1.5);
    await first.done;
    await advanceMinutes(4);
    expect(cloud.alarms.report()).toMatchObject([{ name: 'errors', state: 'OK' }]);
    const second = startDeployment({ code: 'third' });
    await advanceMinutes(4.5);
    await second.done;
    expect(second.failure).toBeUndefined();
    expect(cloud.events.shifts.at(-1)).toBe('tool: version 3 has 100 % of the calls');
    expect(await invoke('tool:live')).toBe('third');
  });

  test('a group without automatic rollback leaves the calls to the rollback of the deployment', async () => {
    const deployment = startDeployment({ code: 'next', rollsBack: false });
    await pause();
    putError();
    await advanceMinutes(1.5);
    await deployment.done;
    expect(cloud.events.shifts).toEqual(['tool: version 2 has 40 % of the calls']);
    expect(await callTenTimes()).toEqual([10, 0]);
  });
});

test('no call shifts when the alarm is already firing', async () => {
  putError();
  await advanceMinutes(1.5);
  const deployment = startDeployment({ code: 'next' });
  await pause();
  await deployment.done;
  expect(deployment.failure).toContain('errors fired');
  expect(await callTenTimes()).toEqual([10, 0]);
});

test('calls return to the previous version when another part of the deployment fails', async () => {
  const broken = { Broken: aFunction('broken', { Role: 'nobody', DependsOn: ['Log'] }) };
  const deployment = startDeployment({ code: 'next', more: broken });
  await pause();
  await advanceMinutes(0.5);
  await deployment.done;
  expect(deployment.failure).toContain('Small/Broken');
  expect(await callTenTimes()).toEqual([10, 0]);
});

test('the role of the deployment group is authorized at each step', async () => {
  const deployment = startDeployment({
    code: 'next',
    more: {
      Shifter: aRole(
        'shifter',
        [ALLOW_ALL, { Effect: 'Deny', Action: 'lambda:UpdateAlias', Resource: '*' }],
        'codedeploy.amazonaws.com',
      ),
    },
  });
  await pause();
  await deployment.done;
  expect(deployment.failure).toContain('lambda:UpdateAlias');
  expect(await callTenTimes()).toEqual([10, 0]);
});
