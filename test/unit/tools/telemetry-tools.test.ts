import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Failure, ToolHealth } from '../../../lambdas/contract/reports.ts';
import recentFailures from '../../../lambdas/tools/recent-failures.ts';
import toolHealth from '../../../lambdas/tools/tool-health.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';
import { type LocalFunction, serveLambda } from '../../support/lambda-endpoint.ts';

const lines = captureLines();

const aHealth = (given: Partial<ToolHealth> = {}): ToolHealth => ({
  tool_name: 'a_tool',
  verdict: 'healthy',
  health_reason: '80 calls, none failed',
  health_status: 'healthy',
  total_invocations: 80,
  error_count: 0,
  error_rate_pct: 0,
  caller_error_count: 0,
  timeout_count: 0,
  most_common_error: null,
  most_common_fault: null,
  p50_ms: 20,
  p95_ms: 90,
  p95_all_ms: 90,
  last_invoked_at: '2026-11-20T12:00:00.000Z',
  recent_calls: 0,
  recent_failures: 0,
  ...given,
});

const aFailure = (given: Partial<Failure> = {}): Failure => ({
  event_id: '01a1fb29-5fe3-7a57-84c8-8f6a188b3c62',
  started_at: '2026-11-20T12:00:00.000Z',
  tool_name: 'a_tool',
  duration_ms: 12.5,
  error_code: 'UPSTREAM_ERROR',
  error_type: 'http_503',
  error_message: 'shop answered <n>',
  fault: 'dependency',
  correlation_id: 'a-request',
  ...given,
});

let lambda: Awaited<ReturnType<typeof serveLambda>>;
const api = (answer: LocalFunction) => {
  lambda.functions.api = answer;
};
const answering = (report: unknown) => async () => ({ statusCode: 200, body: JSON.stringify(report) });
const sizeOf = (answer: unknown) => Buffer.byteLength(JSON.stringify(answer));

beforeAll(async () => {
  lambda = await serveLambda({});
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    API_FUNCTION: 'api',
    AWS_MAX_ATTEMPTS: '1',
  });
});
beforeEach(() => {
  lambda.invoked.length = 0;
});
afterAll(() => lambda.close());

describe('tool_health', () => {
  test('gives the worst first', async () => {
    const tools = [aHealth(), aHealth({ tool_name: 'broken', verdict: 'critical' }), aHealth({ verdict: 'warning' })];
    api(answering({ refreshed_at: null, age_seconds: null, tools }));
    const answer = await toolHealth({}, aContext());
    expect(answer).toMatchObject({ omitted: 0, tools: [{ tool_name: 'broken' }, { verdict: 'warning' }, {}] });
  });

  test('stays under 8 KB with fifty tools that have much to say, and tells how many are missing', async () => {
    const tools = Array.from({ length: 50 }, (_, n) =>
      aHealth({ tool_name: `tool_${n}`, health_reason: 'x'.repeat(2_000) }),
    );
    api(answering({ refreshed_at: null, age_seconds: null, tools }));
    const answer = await toolHealth({ limit: 50 }, aContext());
    if ('isError' in answer) throw new Error(answer.message);
    expect(sizeOf(answer)).toBeLessThan(8_192);
    expect(answer.tools.length + answer.omitted).toBe(50);
    expect(answer.tools.length).toBeGreaterThan(5);
  });

  test('asks as a browser would, in the caller’s thread', async () => {
    api(answering({ refreshed_at: null, age_seconds: null, tools: [] }));
    await toolHealth({}, aContext({ correlation_id: 'the-thread' }));
    expect(lambda.invoked[0]?.event).toMatchObject({
      version: '2.0',
      rawPath: '/v1/tools',
      headers: { 'x-correlation-id': 'the-thread' },
      requestContext: { http: { method: 'GET', path: '/v1/tools' } },
    });
  });
});

describe('recent_failures', () => {
  test('hands the question on and cuts long messages', async () => {
    api(answering({ failures: [aFailure({ error_message: 'x'.repeat(1_000) })] }));
    const answer = await recentFailures({ tool: 'a_tool', minutes: 15 }, aContext());
    if ('isError' in answer) throw new Error(answer.message);
    expect(answer.failures[0]?.error_message).toHaveLength(200);
    expect(lambda.invoked[0]?.event).toMatchObject({
      rawPath: '/v1/failures',
      queryStringParameters: { tool: 'a_tool', minutes: '15', limit: '10' },
    });
  });

  test('stays under 8 KB', async () => {
    api(answering({ failures: Array.from({ length: 50 }, () => aFailure({ error_message: '€'.repeat(900) })) }));
    const answer = await recentFailures({ limit: 50 }, aContext());
    expect(sizeOf(answer)).toBeLessThan(8_192);
    expect(answer).toMatchObject({ omitted: expect.any(Number) });
  });
});

describe('the api is asked', () => {
  const askedFor = async (call: Parameters<typeof aContext>[0]) => {
    api(answering({ refreshed_at: null, age_seconds: null, tools: [], failures: [] }));
    await toolHealth({}, aContext(call));
    await recentFailures({}, aContext(call));
    return lambda.invoked.map(({ event }) => (event as { headers: Record<string, string> }).headers['x-tenant-id']);
  };
  afterEach(() => {
    delete process.env.TOOLWATCH_TENANTS;
  });

  test('on behalf of the caller’s tenant', async () => {
    process.env.TOOLWATCH_TENANTS = 'on';
    expect(await askedFor({ tenant_id: 'acme' })).toEqual(['acme', 'acme']);
  });

  test('on behalf of nobody’s calls for a caller without a tenant, and never of everybody’s', async () => {
    process.env.TOOLWATCH_TENANTS = 'on';
    expect(await askedFor({})).toEqual(['default', 'default']);
    delete process.env.TOOLWATCH_TENANTS;
    lambda.invoked.length = 0;
    expect(await askedFor({})).toEqual(['default', 'default']);
  });

  test('as the house where there are no tenants', async () => {
    process.env.TOOLWATCH_TENANTS = 'off';
    expect(await askedFor({ tenant_id: 'acme' })).toEqual([undefined, undefined]);
  });
});

describe('telemetry that does not answer', () => {
  test.each<[string, LocalFunction]>([
    ['is killed', () => ({ killed: { errorType: 'Sandbox.Timedout', errorMessage: '' } })],
    ['is throttled', () => ({ refused: { status: 429, type: 'TooManyRequestsException' } })],
    ['is without its database', async () => ({ statusCode: 503, body: '{}' })],
    ['speaks of something else', answering({ weather: 'fine' })],
    ['says no word', async () => null],
  ])('because it %s is our own fault, and worth another try', async (_, answer) => {
    api(answer);
    expect(await toolHealth({}, aContext())).toMatchObject({
      code: 'UPSTREAM_ERROR',
      fault: 'ours',
      retryable: true,
      message: 'The telemetry cannot be read at the moment. Try again in a minute.',
    });
  });

  test('leaves a line that names how the api function died', async () => {
    api(() => ({ killed: { errorType: 'Sandbox.Timedout', errorMessage: '' } }));
    await toolHealth({}, aContext());
    expect(lines.records()).toMatchObject([{ name: 'tool_health', error_type: 'Sandbox.Timedout', fault: 'ours' }]);
  });
});
