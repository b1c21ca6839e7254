import { Readable } from 'node:stream';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attachObserver, type HandlerOptions, observeHandler } from '../../../lambdas/observe/observe-handler.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { EVENTS, type Sender } from '../../support/events.ts';

const lines = captureLines();
const context = { functionName: 'old-function' } as unknown as Context;

/** What the line says of a handler that answers `answer` to an event of this sender. */
const outcomeOf = async (sender: Sender, answer: unknown, options: HandlerOptions = {}) => {
  await observeHandler(async () => answer, options)(EVENTS[sender], context);
  return lines.records().at(-1);
};

const HTTP: Sender[] = ['httpApi', 'functionUrl', 'restApi', 'loadBalancer', 'webSocketApi'];
const SILENT: Sender[] = ['bucket', 'topic', 'eventBridge', 'schedule', 'appSync', 'tokenAuthorizer'];
const BATCHES: Sender[] = ['queue', 'kinesis', 'dynamoDb', 'kafka'];

describe('an event is named after what it is sent to', () => {
  test.each<[Sender, string, string]>([
    ['httpApi', 'http', 'GET /orders/{id}'],
    ['functionUrl', 'http', 'POST $default'],
    ['restApi', 'http', 'GET /orders/{id}'],
    ['loadBalancer', 'http', 'GET shop'],
    ['webSocketApi', 'http', 'sendOrder'],
    ['tokenAuthorizer', 'http', 'old-function'],
    ['requestAuthorizer', 'http', 'old-function'],
    ['queue', 'job', 'orders'],
    ['kinesis', 'job', 'clicks'],
    ['dynamoDb', 'job', 'Orders'],
    ['kafka', 'job', 'orders'],
    ['firehose', 'job', 'clicks'],
    ['bucket', 'job', 'old-function'],
    ['eventBridge', 'job', 'OrderPlaced'],
    ['schedule', 'job', 'nightly'],
    ['appSync', 'http', 'Query.order'],
    ['appSyncBatch', 'http', 'Order.items'],
    ['stepFunctions', 'job', 'old-function'],
    ['direct', 'job', 'old-function'],
  ])('%s', async (sender, kind, name) =>
    expect(await outcomeOf(sender, { statusCode: 200 })).toMatchObject({ kind, name }),
  );

  test.each<Sender>(['httpApi', 'restApi', 'loadBalancer', 'appSync'])('and %s has its sender’s id', async (sender) =>
    expect(await outcomeOf(sender, { statusCode: 200 })).toMatchObject({ correlation_id: 'req-9' }),
  );
});

describe.each([
  ['as itself', {}],
  ['as a tool', { tool: 'checkout' }],
])('an answer of a handler, recorded %s,', (_, options) => {
  test.each([...HTTP, 'direct', 'stepFunctions'] as Sender[])('to %s is what its status says', async (sender) => {
    expect(await outcomeOf(sender, { statusCode: 200 }, options)).toMatchObject({ success: true });
    expect(await outcomeOf(sender, { statusCode: 302 }, options)).toMatchObject({ success: true });
    expect(await outcomeOf(sender, { statusCode: 500 }, options)).toMatchObject({
      fault: 'ours',
      error_type: 'http_500',
    });
    expect(await outcomeOf(sender, { statusCode: '503', body: '' }, options)).toMatchObject({ error_type: 'http_503' });
    expect(await outcomeOf(sender, { statusCode: 404 }, options)).toMatchObject({ fault: 'caller', success: false });
  });

  test.each(BATCHES)('to %s is what its batchItemFailures say', async (sender) => {
    const failing = (...identifiers: unknown[]) => ({
      batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
    });
    expect(await outcomeOf(sender, failing(), options)).toMatchObject({ success: true });
    expect(await outcomeOf(sender, { batchItemFailures: null }, options)).toMatchObject({ success: true });
    expect(await outcomeOf(sender, undefined, options)).toMatchObject({ success: true, metadata: { records: 3 } });
    expect(await outcomeOf(sender, failing('m-1'), options)).toMatchObject({
      error_type: 'batch_item_failures',
      fault: 'ours',
      retryable: true,
    });
    // The sender repeats the whole batch when it cannot tell which item failed.
    expect(await outcomeOf(sender, failing(''), options)).toMatchObject({ success: false });
    expect(await outcomeOf(sender, { batchItemFailures: 'all' }, options)).toMatchObject({ success: false });
  });

  test.each(SILENT.filter((sender) => sender !== 'tokenAuthorizer'))('to %s means nothing', async (sender) => {
    for (const answer of [undefined, { statusCode: 500 }, { batchItemFailures: [{ itemIdentifier: 'm-1' }] }])
      expect(await outcomeOf(sender, answer, options)).toMatchObject({ success: true });
  });

  test('to an HTTP API may be its body alone', async () => {
    for (const answer of ['done', { order: 'A-1042' }, ['a'], 17, undefined])
      expect(await outcomeOf('httpApi', answer, options)).toMatchObject({ success: true });
  });

  test.each<[Sender, unknown]>([
    ['restApi', 'done'],
    ['restApi', ['a']],
    ['restApi', { statusCode: 200, body: { order: 1 } }],
    ['loadBalancer', undefined],
    ['loadBalancer', { body: 'done' }],
    ['httpApi', { statusCode: 'fine' }],
    ['httpApi', { statusCode: 99 }],
  ])('to %s that it cannot use is a failure: %j', async (sender, answer) =>
    expect(await outcomeOf(sender, answer, options)).toMatchObject({ error_type: 'invalid_answer', fault: 'ours' }),
  );

  test('of an authorizer is a decision, and no decision is a failure', async () => {
    for (const sender of ['tokenAuthorizer', 'requestAuthorizer'] as const) {
      const deny = { principalId: 'u', policyDocument: { Statement: [{ Effect: 'Deny' }] } };
      expect(await outcomeOf(sender, deny, options)).toMatchObject({ success: true });
      expect(await outcomeOf(sender, { isAuthorized: false }, options)).toMatchObject({ success: true });
      expect(await outcomeOf(sender, undefined, options)).toMatchObject({ error_type: 'invalid_answer' });
      const refuse = observeHandler(async () => {
        throw new Error('Unauthorized');
      }, options);
      await expect(refuse(EVENTS[sender], context)).rejects.toThrow('Unauthorized');
      expect(lines.records().at(-1)).toMatchObject({ error_code: 'UNAUTHORIZED', fault: 'caller' });
    }
  });

  test('that lists items says which failed', async () => {
    const transformed = { records: [{ result: 'Ok' }, { result: 'Dropped' }, { result: 'ProcessingFailed' }] };
    expect(await outcomeOf('firehose', transformed, options)).toMatchObject({
      error_message: '<n> of <n> items failed',
    });
    const resolved = [{ data: 1 }, { data: null, errorMessage: 'no such order' }, { data: 3 }];
    expect(await outcomeOf('appSyncBatch', resolved, options)).toMatchObject({ error_type: 'batch_item_failures' });
    expect(await outcomeOf('appSyncBatch', [{ data: 1 }], options)).toMatchObject({ success: true });
  });
});

test('a tool’s failure that a handler passes on keeps its fault', async () => {
  const failure = { isError: true, code: 'INVALID_INPUT', fault: 'caller', message: 'no such city', retryable: false };
  expect(await outcomeOf('direct', failure, { tool: 'checkout' })).toMatchObject({ fault: 'caller' });
});

test('a status from 400 is a failure for every sender that reads one, and no other is', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...HTTP, 'direct' as const),
      fc.integer({ min: 100, max: 599 }),
      fc.boolean(),
      fc.constantFrom(undefined, 'checkout'),
      async (sender, status, asText, tool) => {
        const statusCode = asText ? String(status) : status;
        const record = await outcomeOf(sender, { statusCode, body: 'b' }, tool ? { tool } : {});
        expect(record?.success).toBe(status < 400);
        if (status >= 400 && status < 500) expect(record?.fault).toBe('caller');
        if (status >= 500) expect(record?.fault).not.toBe('caller');
      },
    ),
    { numRuns: 300 },
  );
});

describe('an error that other middleware answers', () => {
  const run = (answer: unknown) =>
    middy()
      .use(attachObserver())
      .use({ onError: (request) => void Object.assign(request, { response: answer }) })
      .handler(async () => {
        throw new Error('no such order');
      })(EVENTS.httpApi as never, context);

  test('is what the answer says', async () => {
    expect(await run({ statusCode: 404 })).toMatchObject({ headers: { 'x-correlation-id': 'req-9' } });
    await run({ statusCode: 200 });
    expect(lines.records()).toMatchObject([{ fault: 'caller', error_type: 'http_404' }, { success: true }]);
  });

  test('stays an error when none does', async () => {
    await expect(run(undefined)).rejects.toThrow('no such order');
    expect(lines.records()).toMatchObject([{ fault: 'ours', error_type: 'Error' }]);
  });
});

describe('an answer that cannot be delivered is a failure of ours, and is passed on as it is:', () => {
  const LIMIT = 6_291_556;
  const run = async (sender: Sender, answer: unknown) => {
    expect(await observeHandler(async () => answer)(EVENTS[sender], context)).toBe(answer);
    return lines.records().at(-1);
  };
  const ofBytes = (bytes: number) => {
    const answer = { statusCode: 200, body: '' };
    return { ...answer, body: 'x'.repeat(bytes - JSON.stringify(answer).length) };
  };

  test('more than Lambda takes', async () => {
    const tooLarge = await run('httpApi', ofBytes(LIMIT + 1));
    expect(tooLarge).toMatchObject({ error_type: 'answer_too_large', fault: 'ours', response_bytes: LIMIT + 1 });
    expect(await run('direct', ofBytes(LIMIT + 1))).toMatchObject({ error_type: 'answer_too_large' });
    expect(await run('queue', { note: '€'.repeat(2_100_000) })).toMatchObject({ error_type: 'answer_too_large' });
    expect(await run('httpApi', { statusCode: 200, body: '"'.repeat(3_200_000) })).toMatchObject({ success: false });
  });

  test('more than a load balancer takes', async () =>
    expect(await run('loadBalancer', ofBytes(1_048_577))).toMatchObject({ error_type: 'answer_too_large' }));

  test('what JSON cannot write', async () => {
    const cyclic: Record<string, unknown> = { statusCode: 200 };
    cyclic.self = cyclic;
    const throwing = {
      toJSON() {
        throw new Error('no');
      },
    };
    for (const answer of [cyclic, { total: 1n }, throwing])
      expect(await run('direct', answer)).toMatchObject({ error_type: 'invalid_output', fault: 'ours' });
  });

  test('and the largest that can be delivered is a success, without headers that would make it too large', async () =>
    expect(await run('httpApi', ofBytes(LIMIT))).toMatchObject({ success: true, response_bytes: LIMIT }));

  test('while a stream is no such answer', async () => {
    const stream = Readable.from(['a']);
    const answer = await observeHandler(async () => ({ statusCode: 200, body: stream }))(
      EVENTS.httpApi as never,
      context,
    );
    expect(answer.body).toBe(stream);
    expect(lines.records().at(-1)).toMatchObject({ success: true });
  });
});
