import { Template as StackTemplate } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { ToolObservability } from '../../lib/tool-observability.ts';
import { shopWithDatabase } from '../support/shop-stack.ts';
import { read } from '../support/source-files.ts';
import { aTool, ofType, type Resources, synthesize } from '../support/synthesized.ts';

const jwt = { issuer: 'https://issuer.example.com', audience: ['toolwatch'] };
const deployments = {
  'the default deployment': synthesize(),
  'one with everything that settings add': synthesize(
    {
      database: { kind: 'aurora', multiAz: true, proxy: true },
      topicEncryption: 'key',
      frontDoor: { kind: 'http-api', jwt },
      rollout: { kind: 'canary', percent: 10, everyMinutes: 40 },
    },
    [aTool({ asksApi: true })],
  ),
};

/** A store in a stack of another app, which has no trigger of its own. */
const storeElsewhere = (): Resources => {
  const { stack, ...store } = shopWithDatabase();
  new ToolObservability(stack, 'Observability', {
    tools: [{ name: 'checkout', alarms: { p95Ms: 2_000, errorRate: 0.02 } }],
    callLogName: '/shop/checkout',
    store,
  });
  return StackTemplate.fromStack(stack).toJSON().Resources as Resources;
};

/** A function's log group, when the template creates it. */
const logGroupOf = (resources: Resources, logGroup: { Ref?: string; 'Fn::Select'?: unknown } | undefined) =>
  Object.entries(resources).find(([id]) => logGroup?.Ref !== undefined && id.endsWith(logGroup.Ref))?.[1];

describe.each(Object.entries(deployments))('%s', (_, { resources, perStack }) => {
  test('leaves nothing behind when its first creation fails, so that a second one finds no name taken', () => {
    const staying = Object.entries(resources).filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain');
    expect(staying.map(([id]) => id)).toEqual([]);
  });

  test('retains the lines of calls, the payloads, the archive and the people when it is destroyed', () => {
    const retained = Object.values(resources).filter(({ DeletionPolicy }) => DeletionPolicy === 'RetainExceptOnCreate');
    const types = retained.map(({ Type }) => Type).filter((type) => type !== 'AWS::KMS::Key');
    const people = Object.values(resources)
      .filter(({ Type }) => Type === 'AWS::Cognito::UserPool')
      .map(({ Type }) => Type);
    expect(types.sort()).toEqual([...people, 'AWS::Logs::LogGroup', 'AWS::S3::Bucket', 'AWS::S3::Bucket']);
  });

  test('creates the protected database after everything else of its stack that can fail', () => {
    const [, data = {}] = Object.entries(perStack).find(([name]) => name.endsWith('Data')) ?? [];
    const server = Object.values(data).find(({ Properties }) => Properties?.DeletionProtection);
    const idsOf = (type: string) => Object.keys(data).filter((id) => data[id]?.Type === type);
    for (const type of ['AWS::Logs::LogGroup', 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'AWS::EC2::VPCEndpoint']) {
      expect(server?.DependsOn, type).toEqual(expect.arrayContaining(idsOf(type)));
    }
  });

  test('has no function whose log is retained for ever, not even those of the CDK', () => {
    for (const [id, { Properties }] of Object.entries(resources).filter(([, { Type }]) =>
      /Lambda::Function$/.test(Type),
    )) {
      const { LogGroup } = Properties.LoggingConfig ?? {};
      const isImported = JSON.stringify(LogGroup ?? null).includes('Calls');
      expect(isImported || logGroupOf(resources, LogGroup)?.Properties.RetentionInDays, id).toBeTruthy();
    }
  });
});

test('a store in another app’s stack limits the log of the CDK’s function as well', () => {
  const resources = storeElsewhere();
  for (const { Properties } of ofType(resources, 'AWS::Lambda::Function')) {
    // The api writes the lines of its requests where the app's own lines are.
    if (Properties.LoggingConfig?.LogGroup === '/shop/checkout') continue;
    const logGroup = logGroupOf(resources, Properties.LoggingConfig?.LogGroup);
    expect(logGroup?.Properties.RetentionInDays, Properties.Handler).toBe(14);
  }
});

test('the CDK’s function may write to its log, and neither create nor read any', () => {
  const { resources } = deployments['the default deployment'];
  const [role] = Object.entries(resources).filter(([id]) =>
    /TriggerCustomResourceProviderCustomResourceProviderRole/.test(id),
  );
  expect(role?.[1].Properties.ManagedPolicyArns).toBeUndefined();
  const actions = role?.[1].Properties.Policies.flatMap(
    ({ PolicyDocument }: { PolicyDocument: { Statement: { Action: string[] }[] } }) =>
      PolicyDocument.Statement.flatMap(({ Action }) => Action),
  );
  expect([...new Set(actions)].sort()).toEqual(['lambda:InvokeFunction', 'logs:CreateLogStream', 'logs:PutLogEvents']);
});

test('the documents say how to go on after a first deployment that failed, and what destroying the data takes along', () => {
  const text = read('docs/deploying.md');
  expect(text).toContain('aws cloudformation update-termination-protection --no-enable-termination-protection');
  expect(text).toContain('`npx cdk destroy ToolwatchData` also destroys `ToolwatchApp`, and first');
  expect(text).toContain('--import-existing-resources');
});
