import middy from '@middy/core';
import type { APIGatewayProxyEventV2, Context, SQSEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { observe } from '../../../lambdas/observe/observe.ts';
import { attachObserver, type HandlerOptions, observeHandler } from '../../../lambdas/observe/observe-handler.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
const parseLine = (index: number) => JSON.parse(lines.raw()[index] ?? '');

describe('observe', () => {
  test('returns the work’s result and writes one record of its kind', async () => {
    const rows = await observe('query', 'find_orders', ({ measure, cost }) => {
      measure('rows', 3, 'Count');
      measure('rows', 4, 'Count');
      cost(0.002);
      return [1, 2, 3];
    });
    expect(rows).toEqual([1, 2, 3]);
    expect(lines.records()).toMatchObject([
      { kind: 'query', name: 'find_orders', success: true, measures: { rows: 7 }, cost_usd: 0.002 },
    ]);
    expect(parseLine(0)).toMatchObject({ tool: 'query/find_orders', metadata: { units: { rows: 'Count' } } });
  });

  test('throws exactly what the work threw', async () => {
    const broken = Object.assign(new Error('connection lost'), { code: 'ECONNRESET' });
    await expect(
      observe('dependency', 'shop', () => {
        throw broken;
      }),
    ).rejects.toBe(broken);
    expect(lines.records()).toMatchObject([
      { kind: 'dependency', error_code: 'UPSTREAM_ERROR', fault: 'dependency', error_type: 'ECONNRESET' },
    ]);
  });

  test('classifies slow work by its two thresholds', async () => {
    const runFor15Ms = (name: string, slowMs: number, criticalMs: number) =>
      observe('job', name, () => new Promise((resume) => setTimeout(resume, 15)), { slowMs, criticalMs });
    await runFor15Ms('quick', 10_000, 20_000);
    await runFor15Ms('slow', 5, 20_000);
    await runFor15Ms('critical', 5, 6);
    expect([0, 1, 2].map(parseLine).map(({ level, slow }) => [level, slow])).toEqual([
      ['INFO', 0],
      ['WARN', 1],
      ['ERROR', 1],
    ]);
  });

  test('records the cost of each call, and a cancelled wait', async () => {
    const caller = new AbortController();
    const work = observe('sync', 'mirror', () => new Promise(() => {}), { costUsd: 0.01, signal: caller.signal });
    caller.abort();
    await expect(work).rejects.toThrow('The caller cancelled the call');
    expect(lines.records()).toMatchObject([{ cost_usd: 0.01, error_type: 'cancelled', fault: 'caller' }]);
  });

  test('does not create metrics from names that are data', async () => {
    for (let index = 0; index < 250; index += 1) await observe('probe', `probe-${index}`, () => undefined);
    const counted = new Set(lines.raw().map((line) => JSON.parse(line).tool));
    expect(counted.size).toBeLessThanOrEqual(201);
    expect(parseLine(249)).toMatchObject({ name: 'probe-249', tool: '_OTHER' });
  });
});

const httpEvent = (given: Partial<APIGatewayProxyEventV2> = {}) =>
  ({
    version: '2.0',
    routeKey: 'GET /orders/{id}',
    rawPath: '/orders/17',
    headers: { 'x-request-id': 'req-9' },
    requestContext: { http: { method: 'GET', userAgent: 'curl/8' } },
    ...given,
  }) as APIGatewayProxyEventV2;

const sqsEvent = (bodies: string[]) =>
  ({
    Records: bodies.map((body, index) => ({
      messageId: `m-${index}`,
      body,
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:orders',
    })),
  }) as unknown as SQSEvent;

const context = (custom?: Record<string, string>) =>
  ({ functionName: 'old-function', ...(custom && { clientContext: { custom } }) }) as unknown as Context;

describe.each([
  [
    'as a wrapper',
    (handler: (event: never) => unknown, options?: HandlerOptions) => observeHandler(handler as never, options),
  ],
  [
    'as middy middleware',
    (handler: (event: never) => unknown, options?: HandlerOptions) =>
      middy()
        .use(attachObserver(options))
        .handler(handler as never),
  ],
])('a handler that is not a defineTool, observed %s,', (_, wrap) => {
  const run = (handler: (event: never) => unknown, event: unknown, lambda = context(), options?: HandlerOptions) =>
    (wrap(handler, options) as unknown as (event: unknown, context: Context) => Promise<unknown>)(event, lambda);

  test('adds the correlation id and its duration to an HTTP answer, and is named after its route', async () => {
    const answer = await run(async () => ({ statusCode: 200, headers: { etag: 'x' }, body: 'ok' }), httpEvent());
    expect(answer).toMatchObject({
      statusCode: 200,
      body: 'ok',
      headers: { etag: 'x', 'x-correlation-id': 'req-9', 'server-timing': expect.stringMatching(/^total;dur=\d/) },
    });
    expect(lines.records()).toMatchObject([
      { kind: 'http', name: 'GET /orders/{id}', correlation_id: 'req-9', user_agent: 'curl/8', success: true },
    ]);
    expect(lines.raw()).toHaveLength(1);
  });

  test.each([
    [404, 'INVALID_INPUT', 'caller'],
    [500, 'INTERNAL_ERROR', 'ours'],
  ])('that answers %i has the outcome of that status', async (statusCode, error_code, fault) => {
    await run(async () => ({ statusCode }), httpEvent());
    expect(lines.records()).toMatchObject([{ success: false, error_code, fault, error_type: `http_${statusCode}` }]);
  });

  test('throws what it threw, and the line has the stack', async () => {
    const bug = new TypeError('x is not a function');
    await expect(
      run(async () => {
        throw bug;
      }, httpEvent()),
    ).rejects.toBe(bug);
    expect(lines.records()).toMatchObject([{ error_type: 'TypeError', fault: 'ours' }]);
    expect(lines.records()[0]?.metadata?.stack).toContainEqual(expect.stringContaining('observe.test.ts'));
    expect(lines.raw()).toHaveLength(1);
  });

  test('does not quote its event', async () => {
    const event = httpEvent({ body: JSON.stringify({ name: 'Quiet Person' }), rawPath: '/people/quiet' });
    await expect(
      run(async () => {
        throw new Error('no Quiet Person at /people/quiet');
      }, event),
    ).rejects.toThrow('Quiet');
    expect(lines.records()).toMatchObject([{ error_message: 'no <input> at <input>' }]);
  });

  test('records the size and the failures of an SQS batch', async () => {
    await run(async () => ({ batchItemFailures: [{ itemIdentifier: 'm-1' }] }), sqsEvent(['a', 'bc', 'd']));
    await run(async () => ({ batchItemFailures: [] }), sqsEvent(['a']));
    expect(lines.records()).toMatchObject([
      { kind: 'job', name: 'orders', error_type: 'batch_item_failures', request_bytes: 4 },
      { kind: 'job', name: 'orders', success: true, metadata: { records: 1 } },
    ]);
  });

  test('is named after the rule of a schedule, the type of an event, or AgentCore’s tool', async () => {
    const rule = 'arn:aws:events:eu-west-1:123456789012:rule/nightly';
    await run(async () => 1, { source: 'aws.events', 'detail-type': 'Scheduled Event', resources: [rule], detail: {} });
    await run(async () => 1, { source: 'shop', 'detail-type': 'OrderPlaced', resources: [], detail: {} });
    await run(async () => ({ isError: true }), { city: 'x' }, context({ bedrockAgentCoreToolName: 'shop___weather' }));
    await run(async () => 1, { anything: 'else' });
    expect(lines.records().map(({ kind, name, success }) => [kind, name, success])).toEqual([
      ['job', 'nightly', true],
      ['job', 'OrderPlaced', true],
      ['tool', 'weather', false],
      ['job', 'old-function', true],
    ]);
  });

  test('is recorded as the tool in its options, whatever the event', async () => {
    const options = { tool: 'checkout', costUsd: 0.01 };
    const missing = await run(async () => ({ statusCode: 404 }), httpEvent(), context(), options);
    await run(async () => ({ isError: true }), { cart: 'c-1' }, context(), options);
    await run(async () => ({ order: 'A-1042' }), { cart: 'c-2' }, context(), options);
    expect(missing).toMatchObject({ headers: { 'x-correlation-id': 'req-9' } });
    expect(lines.records()).toMatchObject([
      { kind: 'tool', name: 'checkout', error_type: 'http_404', fault: 'caller', cost_usd: 0.01 },
      { kind: 'tool', name: 'checkout', error_type: 'tool_error', fault: 'ours' },
      { kind: 'tool', name: 'checkout', success: true },
    ]);
  });

  test('is the parent of the calls it makes', async () => {
    await run(async () => {
      await observe('query', 'child_query', () => 1);
      return { statusCode: 200 };
    }, httpEvent());
    const [child, parent] = lines.records();
    expect(child).toMatchObject({ name: 'child_query', parent_id: parent?.event_id, correlation_id: 'req-9' });
    await observe('query', 'orphan_query', () => 1);
    expect(lines.records().at(-1)).not.toHaveProperty('parent_id');
  });
});

test('a handler also reads the caller from our gateway’s context', async () => {
  await observeHandler(async () => ({ ok: true }))(
    { city: 'x' },
    aContext({ tenant_id: 'acme' }, { toolName: 'legacy' }),
  );
  expect(lines.records()).toMatchObject([{ kind: 'tool', name: 'legacy', tenant_id: 'acme' }]);
});
