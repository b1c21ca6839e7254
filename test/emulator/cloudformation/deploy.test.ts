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

const remembering = () => {
  const made: [string, unknown][] = [];
  const thing: ResourceHandler = ({ logicalId, properties }) => {
    made.push([logicalId, properties]);
    return { ref: `ref-${logicalId}`, attributes: { Arn: `arn-${logicalId}`, 'Endpoint.Port': '5432' } };
  };
  return { made, rules: { 'Test::Thing': thing } };
};
const thing = (Properties: object = {}, more: object = {}) => ({ Type: 'Test::Thing', Properties, ...more });

test('functions of the template are resolved, each resource after what it speaks of', async () => {
  const { made, rules } = remembering();
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
    rules,
    PLACE,
  );
  expect(made.map(([id]) => id)).toEqual(['B', 'A']);
  expect(made[1]?.[1]).toEqual({
    joined: 'a-ref-B-arn-B',
    put: 'us-east-1:ref-B:5432:${literal}',
    chosen: 'y',
    none: undefined,
  });
});

test('DependsOn is an order too', async () => {
  const { made, rules } = remembering();
  await deploy([stack('S', { A: thing({}, { DependsOn: ['B'] }), B: thing() })], rules, PLACE);
  expect(made.map(([id]) => id)).toEqual(['B', 'A']);
});

test('one stack imports what another exports', async () => {
  const { made, rules } = remembering();
  const data = stack('Data', { A: thing() }, { Out: { Value: { Ref: 'A' }, Export: { Name: 'Data:A' } } });
  const app = stack('App', { B: thing({ from: { 'Fn::ImportValue': 'Data:A' } }) }, { Url: { Value: 'x' } });
  const { outputs } = await deploy([data, app], rules, PLACE);
  expect(made[1]).toEqual(['B', { from: 'ref-A' }]);
  expect(outputs).toEqual({ Data: { Out: 'ref-A' }, App: { Url: 'x' } });
});

test('a type without a rule stops the start with its name, before anything is made', async () => {
  const { made, rules } = remembering();
  const both = stack('S', { A: thing(), Q: { Type: 'AWS::Kinesis::Stream' } });
  await expect(deploy([both], rules, PLACE)).rejects.toThrow('no rule for AWS::Kinesis::Stream (S/Q)');
  expect(made).toEqual([]);
});

test('a function of the template that nobody knows is refused by its name', async () => {
  const { rules } = remembering();
  const one = stack('S', { A: thing({ x: { 'Fn::Cidr': ['10.0.0.0/16', 2, 8] } }) });
  await expect(deploy([one], rules, PLACE)).rejects.toThrow('Fn::Cidr');
});

test('resources that wait for each other are named', async () => {
  const { rules } = remembering();
  const circle = stack('S', { A: thing({ x: { Ref: 'B' } }), B: thing({ x: { Ref: 'A' } }) });
  await expect(deploy([circle], rules, PLACE)).rejects.toThrow('A → B → A');
});

test('a stack in a stack is given parameters, and what it puts out is known outside', async () => {
  const { made, rules } = remembering();
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
  await deploy([outer], rules, PLACE);
  expect(made).toEqual([
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
const OWNED = {
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
  ['AWS::S3::Bucket', {}, { VersioningConfiguration: { Status: 'Enabled' } }],
  ['AWS::KMS::Key', { KeyPolicy: OWNED }, { Enabled: false }],
  ['AWS::RDS::DBSubnetGroup', { SubnetIds: ['a', 'b'] }, { DBSubnetGroupName: 'own' }],
  ['AWS::RDS::DBInstance', INSTANCE, { MasterUserPassword: 'x' }],
  ['AWS::RDS::DBCluster', CLUSTER, { DBClusterParameterGroupName: 'own' }],
  ['AWS::IAM::Role', ROLE.Properties, { PermissionsBoundary: 'arn:aws:iam::000000000000:policy/boundary' }],
  ['AWS::Logs::LogGroup', {}, { DataProtectionPolicy: { Statement: [] } }],
  ['AWS::Lambda::Function', CODE, { Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:more:1'] }],
  ['AWS::Lambda::Url', { TargetFunctionArn: 'f', AuthType: 'AWS_IAM' }, { Qualifier: 'live' }],
])('%s: what would change its meaning and is not known is refused by name', async (Type, known, more) => {
  const given = (extra: object) =>
    startSmallCloud({ resources: { Role: ROLE, It: { Type, Properties: { ...known, ...extra } } } });
  await expect(given(more)).rejects.toThrow(`Unrecognized key: "${Object.keys(more)[0]}"`);
  await (await given({})).stop();
});
