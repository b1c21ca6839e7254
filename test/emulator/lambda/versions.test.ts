import { afterEach, beforeEach, expect, test } from 'vitest';
import { aFunction, baseResources, CALLER, startSmallCloud } from '../../support/small-cloud.ts';

const CODE = {
  old: `export const handler = async (_, { invokedFunctionArn }) => ({
      code: 'old', version: process.env.AWS_LAMBDA_FUNCTION_VERSION, set: process.env.SET, arn: invokedFunctionArn });`,
  new: `export const handler = async () => ({ code: 'new', version: process.env.AWS_LAMBDA_FUNCTION_VERSION });`,
  slow: `export const handler = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300)); return process.pid };`,
};

const environment = (value: string) => ({ Environment: { Variables: { SET: value } } });
const version = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'tool' } } };
const aliasOf = (version: string) => ({
  Type: 'AWS::Lambda::Alias',
  Properties: { FunctionName: { Ref: 'tool' }, FunctionVersion: { 'Fn::GetAtt': [version, 'Version'] }, Name: 'live' },
});
const first = {
  ...baseResources(),
  tool: aFunction('tool', { Code: { S3Key: 'old' }, ...environment('1') }),
  First: version,
  Alias: aliasOf('First'),
};

let cloud: Awaited<ReturnType<typeof startSmallCloud>>;
beforeEach(async () => {
  cloud = await startSmallCloud({ code: CODE, resources: first });
});
afterEach(() => cloud.stop());

const invoke = async (name: string) =>
  JSON.parse((await cloud.lambda.invoke({ principal: CALLER, function: name, event: '{}' })).payload);
const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:tool';

test('a published version stays the same when the function changes', async () => {
  await cloud.redeployWith({ ...first, tool: aFunction('tool', { Code: { S3Key: 'new' } }) });
  expect(await invoke('tool')).toEqual({ code: 'new', version: '$LATEST' });
  expect(await invoke('tool:1')).toEqual({ code: 'old', version: '1', set: '1', arn: `${ARN}:1` });
  expect(await invoke('tool:live')).toMatchObject({ code: 'old', version: '1', arn: `${ARN}:live` });
});

test('an alias without a deployment group moves to its next version immediately', async () => {
  await cloud.redeployWith({
    ...baseResources(),
    tool: aFunction('tool', { Code: { S3Key: 'new' } }),
    Second: version,
    Alias: aliasOf('Second'),
  });
  expect(await invoke('tool:live')).toEqual({ code: 'new', version: '2' });
});

test('neither a removed version nor one that never existed is found', async () => {
  const { First: _, ...others } = first;
  await cloud.redeployWith({
    ...others,
    tool: aFunction('tool', { Code: { S3Key: 'new' } }),
    Second: version,
    Alias: aliasOf('Second'),
  });
  for (const qualifier of ['1', '7', 'unknown']) {
    await expect(invoke(`tool:${qualifier}`)).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: `Function not found: ${ARN}:${qualifier}`,
    });
  }
});

test('a function that has not changed cannot publish another version', async () => {
  await expect(cloud.redeployWith({ ...first, Second: version })).rejects.toThrow(
    'A version for this Lambda function exists ( 1 ). Modify the function to create a new version.',
  );
});

test('a process that is busy while its code is replaced is not used again', async () => {
  await cloud.redeployWith({ ...first, tool: aFunction('tool', { Code: { S3Key: 'slow' } }) });
  const working = invoke('tool');
  await cloud.redeployWith({ ...first, tool: aFunction('tool', { Code: { S3Key: 'new' } }) });
  expect(await working).toEqual(expect.any(Number));
  expect(await invoke('tool')).toMatchObject({ code: 'new' });
});
