import { expect, test } from 'vitest';
import { deploy } from '../../../emulator/cloudformation/deploy.ts';
import type { ResourceHandler } from '../../../emulator/cloudformation/resource-handler.ts';
import { parseTemplate, type Stack } from '../../../emulator/cloudformation/template.ts';
import { startSmallCloud } from '../../support/small-cloud.ts';

const PLACE = { account: '000000000000', region: 'us-east-1', partition: 'aws' };

const stack = (name: string, resources: object, outputs: object = {}): Stack => ({
  name,
  template: parseTemplate({ Resources: resources, Outputs: outputs }),
});

/** A handler that records what it creates. */
const createRecorder = () => {
  const created: [string, unknown][] = [];
  const thing: ResourceHandler = ({ logicalId, properties }) => {
    created.push([logicalId, properties]);
    return { ref: `ref-${logicalId}`, attributes: { Arn: `arn-${logicalId}`, 'Endpoint.Port': '5432' } };
  };
  return { created, handlers: { 'Test::Thing': thing } };
};
const thing = (Properties: object = {}, more: object = {}) => ({ Type: 'Test::Thing', Properties, ...more });

test('intrinsic functions are resolved, and each resource is created after those it refers to', async () => {
  const { created, handlers } = createRecorder();
  await deploy(
    [
      stack('S', {
        A: thing({
          joined: { 'Fn::Join': ['-', ['a', { Ref: 'B' }, { 'Fn::GetAtt': ['B', 'Arn'] }]] },
          put: { 'Fn::Sub': '${AWS::Region}:${B}:${B.Endpoint.Port}:${!literal}' },
          chosen: { 'Fn::Select': [1, { 'Fn::Split': ['/', 'x/y'] }] },
          none: { Ref: 'AWS::NoValue' },
        }),
        B: thing(),
      }),
    ],
    handlers,
    PLACE,
  );
  expect(created.map(([id]) => id)).toEqual(['B', 'A']);
  expect(created[1]?.[1]).toEqual({
    joined: 'a-ref-B-arn-B',
    put: 'us-east-1:ref-B:5432:${literal}',
    chosen: 'y',
    none: undefined,
  });
});

test('a resource is created after those in its DependsOn', async () => {
  const { created, handlers } = createRecorder();
  await deploy([stack('S', { A: thing({}, { DependsOn: ['B'] }), B: thing() })], handlers, PLACE);
  expect(created.map(([id]) => id)).toEqual(['B', 'A']);
});

test('one stack imports what another exports', async () => {
  const { created, handlers } = createRecorder();
  const data = stack('Data', { A: thing() }, { Out: { Value: { Ref: 'A' }, Export: { Name: 'Data:A' } } });
  const app = stack('App', { B: thing({ from: { 'Fn::ImportValue': 'Data:A' } }) }, { Url: { Value: 'x' } });
  const { outputs } = await deploy([data, app], handlers, PLACE);
  expect(created[1]).toEqual(['B', { from: 'ref-A' }]);
  expect(outputs).toEqual({ Data: { Out: 'ref-A' }, App: { Url: 'x' } });
});

test('a resource type without a handler is refused by name before anything is created', async () => {
  const { created, handlers } = createRecorder();
  const unsupported = stack('S', { A: thing(), Q: { Type: 'AWS::Kinesis::Stream' } });
  await expect(deploy([unsupported], handlers, PLACE)).rejects.toThrow('no handler for AWS::Kinesis::Stream (S/Q)');
  expect(created).toEqual([]);
});

test('an intrinsic function that is not supported is refused by name', async () => {
  const { handlers } = createRecorder();
  const unsupported = stack('S', { A: thing({ x: { 'Fn::Cidr': ['10.0.0.0/16', 2, 8] } }) });
  await expect(deploy([unsupported], handlers, PLACE)).rejects.toThrow('Fn::Cidr');
});

test('resources that depend on each other are refused by name', async () => {
  const { handlers } = createRecorder();
  const cycle = stack('S', { A: thing({ x: { Ref: 'B' } }), B: thing({ x: { Ref: 'A' } }) });
  await expect(deploy([cycle], handlers, PLACE)).rejects.toThrow('A → B → A');
});

test('a nested stack receives parameters, and its parent can read its outputs', async () => {
  const { created, handlers } = createRecorder();
  const inner: Stack = {
    name: 'Inner',
    template: parseTemplate({
      Parameters: { Given: { Type: 'String' } },
      Resources: { B: thing({ from: { Ref: 'Given' } }) },
      Outputs: { Out: { Value: { 'Fn::GetAtt': ['B', 'Arn'] } } },
    }),
  };
  const outer: Stack = {
    ...stack('Outer', {
      A: thing(),
      Nested: { Type: 'AWS::CloudFormation::Stack', Properties: { Parameters: { Given: { Ref: 'A' } } } },
      C: thing({ from: { 'Fn::GetAtt': ['Nested', 'Outputs.Out'] } }),
    }),
    nested: { Nested: inner },
  };
  await deploy([outer], handlers, PLACE);
  expect(created).toEqual([
    ['A', {}],
    ['B', { from: 'ref-A' }],
    ['C', { from: 'arn-B' }],
  ]);
});

const TRUST = {
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
};
const ROLE = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: TRUST } };
const CODE = {
  Code: { S3Key: 'code' },
  Handler: 'index.handler',
  Runtime: 'nodejs24.x',
  Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
};
const KEY_POLICY = {
  Statement: [
    { Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal: { AWS: 'arn:aws:iam::000000000000:root' } },
  ],
};
const PRIVATE = { PubliclyAccessible: false };
const INSTANCE = {
  ...PRIVATE,
  Engine: 'postgres',
  EngineVersion: '18',
  DBName: 'toolwatch',
  Port: '5432',
  AllocatedStorage: '20',
  VPCSecurityGroups: [],
};
const CLUSTER = {
  Engine: 'aurora-postgresql',
  EngineVersion: '18',
  DatabaseName: 'toolwatch',
  Port: 5432,
  ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 2 },
  VpcSecurityGroupIds: [],
};
test.each([
  ['AWS::S3::Bucket', {}, { ObjectLockEnabled: true }],
  ['AWS::KMS::Key', { KeyPolicy: KEY_POLICY }, { Enabled: false }],
  ['AWS::RDS::DBSubnetGroup', { SubnetIds: ['a', 'b'] }, { DBSubnetGroupName: 'own' }],
  ['AWS::RDS::DBInstance', INSTANCE, { MasterUserPassword: 'x' }],
  ['AWS::RDS::DBCluster', CLUSTER, { DBClusterParameterGroupName: 'own' }],
  ['AWS::IAM::Role', ROLE.Properties, { MaxSessionDuration: 7_200 }],
  ['AWS::SecretsManager::Secret', { SecretString: 'x' }, { GenerateSecretString: {} }],
  ['AWS::Logs::LogGroup', {}, { DataProtectionPolicy: { Statement: [] } }],
  ['AWS::Lambda::Function', CODE, { Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:more:1'] }],
  ['AWS::Lambda::Url', { TargetFunctionArn: 'f', AuthType: 'AWS_IAM' }, { Qualifier: 'live' }],
])(
  '%s: a property that would change its behaviour and is not supported is refused by name',
  async (Type, known, more) => {
    const startWith = (extra: object) =>
      startSmallCloud({ resources: { Role: ROLE, Tested: { Type, Properties: { ...known, ...extra } } } });
    await expect(startWith(more)).rejects.toThrow(`Unrecognized key: "${Object.keys(more)[0]}"`);
    await (await startWith({})).stop();
  },
);
