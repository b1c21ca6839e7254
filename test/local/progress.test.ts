import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Progress } from '@modelcontextprotocol/client';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDirectRequest } from '../../lambdas/contract/direct-request.ts';
import { BUNDLE_OPTIONS } from '../../lib/bundle.ts';
import { catalogueOf } from '../../lib/tools/catalogue.ts';
import { listen } from '../support/http-server.ts';
import { connect, GENERATIONS, type Generation, textOf } from '../support/mcp-client.ts';
import slowTool from '../support/slow-tool.ts';
import { aFunction, baseResources, startSmallCloud } from '../support/small-cloud.ts';
import { root } from '../support/source-files.ts';

const bundle = (contents: string): string => {
  const { outputFiles } = buildSync({
    ...BUNDLE_OPTIONS,
    sourcemap: false,
    absWorkingDir: root,
    stdin: { contents, resolveDir: root, loader: 'ts' },
    write: false,
  });
  return outputFiles[0]?.text ?? '';
};

/** The gateway as it is deployed, before one tool: behind a Function URL that streams, and behind one that does not. */
const CODE = {
  gateway: bundle(`
    import { createGatewayFrom } from './lambdas/gateway/index.ts';
    import { streamAnswers } from './lambdas/gateway/streaming-handler.ts';
    const gateway = createGatewayFrom(process.env, ${JSON.stringify(catalogueOf([slowTool]))});
    export const handler = streamAnswers(() => gateway);
    export const buffered = (event, context) => gateway(event, context);`),
  tool: bundle(`export { default } from './test/support/slow-tool.ts';`),
};
const ENVIRONMENT = {
  Environment: {
    Variables: {
      POWERTOOLS_SERVICE_NAME: 'toolwatch',
      TOOLWATCH_ENVIRONMENT: 'test',
      TOOLWATCH_VERSION: '1',
      TOOLWATCH_TENANTS: 'off',
      TOOL_FUNCTION_PREFIX: 'tool-',
    },
  },
};
const urlOf = (name: string, more: object = {}) => ({
  Type: 'AWS::Lambda::Url',
  Properties: { TargetFunctionArn: { 'Fn::GetAtt': [name, 'Arn'] }, AuthType: 'AWS_IAM', ...more },
});

let cloud: Awaited<ReturnType<typeof startSmallCloud>>;
const endpoints: Record<string, Awaited<ReturnType<typeof listen>>> = {};
beforeAll(async () => {
  const lambdaOf = (name: string, more: object = {}) =>
    aFunction(name, { ...ENVIRONMENT, Code: { S3Key: 'gateway' }, MemorySize: 256, Timeout: 60, ...more });
  cloud = await startSmallCloud({
    code: CODE,
    resources: {
      ...baseResources(),
      streaming: lambdaOf('streaming'),
      buffered: lambdaOf('buffered', { Handler: 'index.buffered' }),
      tool: lambdaOf('tool-slow_tool', { Code: { S3Key: 'tool' }, Handler: 'index.default' }),
      Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'tool' } } },
      Live: {
        Type: 'AWS::Lambda::Alias',
        Properties: {
          FunctionName: { Ref: 'tool' },
          FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
          Name: 'live',
        },
      },
      StreamingUrl: urlOf('streaming', { InvokeMode: 'RESPONSE_STREAM' }),
      BufferedUrl: urlOf('buffered'),
    },
    outputs: {
      streaming: { Value: { 'Fn::GetAtt': ['StreamingUrl', 'FunctionUrl'] } },
      buffered: { Value: { 'Fn::GetAtt': ['BufferedUrl', 'FunctionUrl'] } },
    },
  });
  for (const name of ['streaming', 'buffered']) {
    const serve = cloud.serve(cloud.outputs[name] ?? '');
    if (!serve) throw new Error(`nothing answers for ${name}`);
    endpoints[name] = await listen(serve);
  }
});
afterAll(async () => {
  for (const { close } of Object.values(endpoints)) await close();
  await cloud?.stop();
});

const lines = () =>
  cloud.logs
    .read('/log')
    .map(({ message }) => message)
    .filter((message) => message.includes('"event_id"'))
    .map((message) => JSON.parse(message) as Record<string, unknown>);

/** Calls the tool as a client that waits for `timeout` at most, and wants progress or does not. */
const callSlowTool = async (
  endpoint: 'streaming' | 'buffered',
  generation: Generation,
  args: { steps: number; stepMs: number; end?: string },
  { timeout = 30_000, wantsProgress = true } = {},
) => {
  const client = await connect(`${endpoints[endpoint]?.url}/mcp`, generation);
  const reports: Progress[] = [];
  try {
    const result = await client.callTool(
      { name: 'slow_tool', arguments: args },
      { timeout, resetTimeoutOnProgress: true, ...(wantsProgress && { onprogress: (report) => reports.push(report) }) },
    );
    return { result, reports };
  } finally {
    await client.close();
  }
};

/** Longer together than the client waits for a sign of life, each step much shorter. */
const LONG = { steps: 10, stepMs: 800 };
const TIMEOUT_MS = 5_000;

describe.each(GENERATIONS)('a client of %s', (generation) => {
  test('receives how far a call has come, in order, and without secrets', async () => {
    const { result, reports } = await callSlowTool('streaming', generation, { steps: 3, stepMs: 700 });
    expect(result.structuredContent).toEqual({ steps: 3 });
    expect(reports.map(({ progress, total }) => [progress, total])).toEqual([1, 2, 3].map((step) => [step, 3]));
    expect(reports[0]?.message).toBe('step 1, password=[redacted]');
  });

  test('waits for a call that takes longer than it would wait in silence', async () => {
    const { result } = await callSlowTool('streaming', generation, LONG, { timeout: TIMEOUT_MS });
    expect(result.structuredContent).toEqual({ steps: LONG.steps });
    await expect(
      callSlowTool('streaming', generation, LONG, { timeout: TIMEOUT_MS, wantsProgress: false }),
    ).rejects.toThrow(/timed out/i);
  });

  test('that does not ask for progress is answered as a whole', async () => {
    const { result } = await callSlowTool('streaming', generation, { steps: 2, stepMs: 1 }, { wantsProgress: false });
    expect(result.structuredContent).toEqual({ steps: 2 });
  });

  test('receives a failure after progress, with one line', async () => {
    for (const end of ['throw', 'exit']) {
      const { result, reports } = await callSlowTool('streaming', generation, { steps: 1, stepMs: 600, end });
      expect([result.isError, textOf(result).split(':')[0], reports.length]).toEqual([true, 'INTERNAL_ERROR', 1]);
      await expect
        .poll(() => lines().filter(({ correlation_id }) => correlation_id === result._meta?.correlation_id))
        .toMatchObject([{ name: 'slow_tool', success: false }]);
    }
  });

  test('receives no progress where answers are not streamed, and the call is the same', async () => {
    const { result, reports } = await callSlowTool('buffered', generation, { steps: 2, stepMs: 600 });
    expect([result.structuredContent, reports]).toEqual([{ steps: 2 }, []]);
  });
});

test('whoever invokes the functions directly receives what they answered before', async () => {
  const lambda = new LambdaClient({
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
  });
  const invoke = async (FunctionName: string, event: unknown) => {
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    return JSON.parse(Buffer.from(Payload ?? []).toString());
  };
  expect(await invoke('tool-slow_tool:live', { steps: 2, stepMs: 1 })).toEqual({ steps: 2 });
  expect(await invoke('tool-slow_tool:live', {})).toMatchObject({ isError: true, code: 'INVALID_INPUT' });
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'slow_tool', arguments: { steps: 2, stepMs: 1 }, _meta: { progressToken: 1 } },
  });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const request = buildDirectRequest({ method: 'POST', path: '/mcp', headers, body, correlationId: 'c-1' });
  const answer = await invoke('streaming', request);
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain('"structuredContent":{"steps":2}');
  expect(answer.body).not.toContain('notifications/progress');
});
