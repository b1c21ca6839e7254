import { InvokeCommand, InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../support/http-server.ts';
import { aFunction, baseResources, startSmallCloud } from '../../support/small-cloud.ts';

const streamed = (body: string) =>
  `export const handler = awslambda.streamifyResponse(async (event, stream) => {${body}});`;
const CODE = {
  parts: streamed(`
    stream.write('one\\n');
    await new Promise((resolve) => setTimeout(resolve, 200));
    stream.write(Buffer.from('zwölf'));
    stream.end();`),
  page: streamed(`
    const http = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { 'x-own': 'yes' }, cookies: ['a=b'] });
    http.write('first ');
    await new Promise((resolve) => setTimeout(resolve, 200));
    http.end('second');`),
  empty: streamed(`
    const http = awslambda.HttpResponseStream.from(stream, { statusCode: 202, headers: {} });
    http.write('');
    http.end();`),
  bare: streamed(`stream.end('{"statusCode":204}');`),
  throws: streamed(`stream.write('begun'); throw new TypeError('no');`),
  exits: streamed(`stream.write('begun'); await new Promise((resolve) => setTimeout(resolve, 200)); process.exit(3);`),
  sleeps: streamed(`stream.write('begun'); await new Promise(() => setTimeout(() => {}, 60_000));`),
  large: streamed(`stream.end('x'.repeat(7_000_000));`),
  plain: `export const handler = async (event, context) => ({ a: 1, client: context.clientContext });`,
};
type Name = keyof typeof CODE;

const urlOf = (name: string, more: object = {}) => ({
  Type: 'AWS::Lambda::Url',
  Properties: { TargetFunctionArn: { 'Fn::GetAtt': [name, 'Arn'] }, AuthType: 'AWS_IAM', ...more },
});
const URLS = ['parts', 'page', 'empty', 'bare', 'throws', 'plain'] as const;

let cloud: Awaited<ReturnType<typeof startSmallCloud>>;
let lambda: LambdaClient;
beforeAll(async () => {
  cloud = await startSmallCloud({
    code: CODE,
    resources: {
      ...baseResources(),
      ...Object.fromEntries(Object.keys(CODE).map((name) => [name, aFunction(name)])),
      sleeps: aFunction('sleeps', { Timeout: 1 }),
      ...Object.fromEntries(URLS.map((name) => [`${name}Url`, urlOf(name, { InvokeMode: 'RESPONSE_STREAM' })])),
    },
    outputs: Object.fromEntries(URLS.map((name) => [name, { Value: { 'Fn::GetAtt': [`${name}Url`, 'FunctionUrl'] } }])),
  });
  lambda = new LambdaClient({
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
    maxAttempts: 1,
  });
});
afterAll(() => cloud.stop());

const invoke = async (FunctionName: Name) => {
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName }));
  return { payload: Buffer.from(Payload ?? []).toString(), FunctionError };
};

const stream = async (FunctionName: Name, ClientContext?: string) => {
  const { EventStream } = await lambda.send(new InvokeWithResponseStreamCommand({ FunctionName, ClientContext }));
  const [chunks, ends]: [string[], object[]] = [[], []];
  for await (const { PayloadChunk, InvokeComplete } of EventStream ?? []) {
    if (PayloadChunk?.Payload) chunks.push(Buffer.from(PayloadChunk.Payload).toString());
    if (InvokeComplete) ends.push(InvokeComplete);
  }
  return { chunks, ends };
};

const request = async (name: (typeof URLS)[number]) => {
  const serve = cloud.serve(cloud.outputs[name] ?? '');
  if (!serve) throw new Error(`nothing answers for ${name}`);
  const { url, close } = await listen(serve);
  try {
    const response = await fetch(url);
    const chunks: string[] = [];
    for await (const chunk of response.body ?? []) chunks.push(Buffer.from(chunk).toString());
    return { status: response.status, headers: response.headers, chunks };
  } finally {
    await close();
  }
};

describe('InvokeWithResponseStream', () => {
  test('delivers each part as it is written, and then that the invocation is complete', async () => {
    expect(await stream('parts')).toEqual({ chunks: ['one\n', 'zwölf'], ends: [{}] });
  });

  test('delivers the result of a function that does not stream, which has its client context', async () => {
    const context = Buffer.from('{"custom":{"a":"b"}}').toString('base64');
    const { chunks, ends } = await stream('plain', context);
    expect(JSON.parse(chunks.join(''))).toEqual({ a: 1, client: { custom: { a: 'b' } } });
    expect(ends).toEqual([{}]);
  });

  test.each([
    ['throws', 'TypeError'],
    ['exits', 'Runtime.ExitError'],
    ['sleeps', 'Sandbox.Timedout'],
  ] as const)('says at the end how a function failed that had begun: %s', async (name, errorType) => {
    const { chunks, ends } = await stream(name);
    expect(chunks).toEqual(['begun']);
    expect(ends).toMatchObject([{ ErrorCode: errorType, ErrorDetails: expect.stringContaining(errorType) }]);
  });

  test('needs a function that exists, and an event that is not too large', async () => {
    await expect(stream('nothing' as Name)).rejects.toThrow('Function not found');
    const tooLarge = new InvokeWithResponseStreamCommand({
      FunctionName: 'plain',
      Payload: JSON.stringify('x'.repeat(7_000_000)),
    });
    await expect(lambda.send(tooLarge)).rejects.toThrow('payload is too large');
  });
});

describe('Invoke', () => {
  test('waits for the whole of a streamed answer', async () => {
    expect(await invoke('parts')).toEqual({ payload: 'one\nzwölf', FunctionError: undefined });
    expect(JSON.parse((await invoke('large')).payload).errorType).toBe('Function.ResponseSizeTooLarge');
    expect(await invoke('throws')).toMatchObject({ FunctionError: 'Unhandled' });
  });
});

describe('a Function URL that streams', () => {
  test('sends status and headers first, and the body as it is written', async () => {
    const { status, headers, chunks } = await request('page');
    expect([status, headers.get('x-own'), headers.get('set-cookie')]).toEqual([201, 'yes', 'a=b']);
    expect(chunks).toEqual(['first ', 'second']);
    expect(await request('empty')).toMatchObject({ status: 202, chunks: [] });
  });

  test('takes what was written without metadata for a result', async () => {
    expect((await request('bare')).status).toBe(204);
    expect((await request('plain')).status).toBe(200);
    expect((await request('throws')).status).toBe(502);
  });
});
