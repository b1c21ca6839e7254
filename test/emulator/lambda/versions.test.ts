import { afterEach, beforeEach, expect, test } from 'vitest';
import { aFunction, baseResources, CALLER, startSmallCloud } from '../../support/small-cloud.ts';

const CODE = {
  old: `export const handler = async (_, { invokedFunctionArn }) => ({
      code: 'old', version: process.env.AWS_LAMBDA_FUNCTION_VERSION, set: process.env.SET, arn: invokedFunctionArn });`,
  young: `export const handler = async () => ({ code: 'young', version: process.env.AWS_LAMBDA_FUNCTION_VERSION });`,
  slow: `export const handler = async () => { await new Promise((done) => setTimeout(done, 300)); return process.pid };`,
};

const environment = (value: string) => ({ Environment: { Variables: { SET: value } } });
const version = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'tool' } } };
const alias = (of: string) => ({
  Type: 'AWS::Lambda::Alias',
  Properties: { FunctionName: { Ref: 'tool' }, FunctionVersion: { 'Fn::GetAtt': [of, 'Version'] }, Name: 'live' },
});
const first = {
  ...baseResources(),
  tool: aFunction('tool', { Code: { S3Key: 'old' }, ...environment('1') }),
  One: version,
  Alias: alias('One'),
};

let cloud: Awaited<ReturnType<typeof startSmallCloud>>;
beforeEach(async () => {
  cloud = await startSmallCloud({ code: CODE, resources: first });
});
afterEach(() => cloud.stop());

const invoke = async (name: string) =>
  JSON.parse((await cloud.lambda.invoke({ principal: CALLER, function: name, event: '{}' })).payload);
const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:tool';

test('a version stays as it was published, while the function changes', async () => {
  await cloud.redeployed({ ...first, tool: aFunction('tool', { Code: { S3Key: 'young' } }) });
  expect(await invoke('tool')).toEqual({ code: 'young', version: '$LATEST' });
  expect(await invoke('tool:1')).toEqual({ code: 'old', version: '1', set: '1', arn: `${ARN}:1` });
  expect(await invoke('tool:live')).toMatchObject({ code: 'old', version: '1', arn: `${ARN}:live` });
});

test('an alias without a deployment group goes to its next version at once', async () => {
  await cloud.redeployed({
    ...baseResources(),
    tool: aFunction('tool', { Code: { S3Key: 'young' } }),
    Two: version,
    Alias: alias('Two'),
  });
  expect(await invoke('tool:live')).toEqual({ code: 'young', version: '2' });
});

test('a version that the template no longer has is not found, nor is one that never was', async () => {
  const { One: _, ...others } = first;
  await cloud.redeployed({
    ...others,
    tool: aFunction('tool', { Code: { S3Key: 'young' } }),
    Two: version,
    Alias: alias('Two'),
  });
  for (const qualifier of ['1', '7', 'dead']) {
    await expect(invoke(`tool:${qualifier}`)).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: `Function not found: ${ARN}:${qualifier}`,
    });
  }
});

test('a function that has not changed has no next version', async () => {
  await expect(cloud.redeployed({ ...first, Two: version })).rejects.toThrow(
    'A version for this Lambda function exists ( 1 ). Modify the function to create a new version.',
  );
});

test('a process at work while its code is replaced serves nobody after', async () => {
  await cloud.redeployed({ ...first, tool: aFunction('tool', { Code: { S3Key: 'slow' } }) });
  const working = invoke('tool');
  await cloud.redeployed({ ...first, tool: aFunction('tool', { Code: { S3Key: 'young' } }) });
  expect(await working).toEqual(expect.any(Number));
  expect(await invoke('tool')).toMatchObject({ code: 'young' });
});
