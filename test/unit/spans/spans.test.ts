import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Invocation } from '../../../lambdas/contract/invocation.ts';
import { ERROR_CODES, FAULTS, KINDS } from '../../../lambdas/contract/vocabulary.ts';
import { SPANS_PER_REQUEST, sendSpans } from '../../../lambdas/spans/send-spans.ts';
import { Resources, spanIdOf, toSpan } from '../../../lambdas/spans/to-span.ts';
import { parseRecord } from '../../../lambdas/subscription/record.ts';
import { anInvocation, eventIdAt } from '../../support/an-invocation.ts';
import { type ReceivedSpan, readSpans, startOtlpReceiver } from '../../support/otlp-receiver.ts';

/** What a receiver reads of records. */
const received = (records: readonly Invocation[]): ReceivedSpan[] => {
  const resources = new Resources('eu-central-1');
  const bytes = ProtobufTraceSerializer.serializeRequest(records.map((record) => toSpan(record, resources)));
  return readSpans(bytes ?? new Uint8Array());
};
const spanOf = (given: Partial<Invocation>): ReceivedSpan => received([anInvocation(given)])[0] as ReceivedSpan;

describe('the span of a call', () => {
  test('has its time, its caller’s trace, and the names of the semantic conventions', () => {
    const span = spanOf({
      event_id: '01a1fa42-2000-7abc-8def-0123456789ab',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      started_at: '2026-11-20T18:40:00.000Z',
      duration_ms: 122.6,
      user_id: 'u-1',
      provider: 'shop',
      cold_start: true,
      measures: { orders: 2 },
      metadata: { http: { method: 'POST', status: 200 }, note: 'not a known key' },
    });
    expect(span).toEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: '8def0123456789ab',
      parentSpanId: '',
      name: 'tools/call order_status',
      kind: 2,
      start: 1_795_200_000_000_000_000n,
      end: 1_795_200_000_123_000_000n,
      status: { code: 0, message: '' },
      events: [],
      resource: {
        'service.name': 'toolwatch',
        'service.version': '1',
        'deployment.environment.name': 'test',
        'cloud.provider': 'aws',
        'cloud.platform': 'aws_lambda',
        'cloud.region': 'eu-central-1',
      },
      attributes: {
        'gen_ai.tool.name': 'order_status',
        'gen_ai.operation.name': 'execute_tool',
        'mcp.method.name': 'tools/call',
        'faas.coldstart': true,
        'user.id': 'u-1',
        'http.request.method': 'POST',
        'http.response.status_code': 200,
        'toolwatch.event_id': '01a1fa42-2000-7abc-8def-0123456789ab',
        'toolwatch.kind': 'tool',
        'toolwatch.attempts': 1,
        'toolwatch.tenant_id': 'default',
        'toolwatch.correlation_id': 'c-1',
        'toolwatch.provider': 'shop',
        'toolwatch.measures.orders': 2,
      },
    });
  });

  test('is an error with an exception where it failed, unless by its caller’s fault', () => {
    const failure = { error_type: 'http_503', error_message: 'the shop answered 503' };
    expect(spanOf({ fault: 'dependency', ...failure })).toMatchObject({
      status: { code: 2, message: 'the shop answered 503' },
      attributes: { 'error.type': 'http_503', 'toolwatch.fault': 'dependency' },
      events: [
        {
          name: 'exception',
          attributes: { 'exception.type': 'http_503', 'exception.message': 'the shop answered 503' },
        },
      ],
    });
    expect(spanOf({ fault: 'caller', ...failure }).status).toEqual({ code: 0, message: '' });
  });

  test('belongs to the span of the call that made it, also where nobody sent a trace', () => {
    const parent = anInvocation({ event_id: eventIdAt(new Date()) });
    const child = anInvocation({ kind: 'dependency', name: 'shop', parent_id: parent.event_id });
    const [first, second] = received([parent, child]);
    expect(second).toMatchObject({ parentSpanId: first?.spanId, traceId: first?.traceId, name: 'dependency shop' });
    expect(second?.attributes).toMatchObject({ 'toolwatch.name': 'shop' });
    expect(spanIdOf(parent.event_id)).toBe(first?.spanId);
  });

  test('is one that receivers take, of any line that ingest takes', () => {
    const anyLine = fc.record(
      {
        schema: fc.constant('toolwatch.v1'),
        event_id: fc.uuid(),
        kind: fc.constantFrom(...KINDS),
        name: fc.string({ unit: 'binary', minLength: 1, maxLength: 700 }),
        started_at: fc.oneof(fc.date({ noInvalidDate: true }), fc.anything()),
        finished_at: fc.oneof(fc.date({ noInvalidDate: true }), fc.anything()),
        duration_ms: fc.double(),
        success: fc.boolean(),
        error_code: fc.constantFrom(...ERROR_CODES),
        error_type: fc.string({ unit: 'binary' }),
        error_message: fc.string({ unit: 'binary', maxLength: 2_000 }),
        fault: fc.constantFrom(...FAULTS),
        parent_id: fc.oneof(fc.uuid(), fc.constant('00000000-0000-0000-0000-000000000000')),
        trace_id: fc.oneof(fc.constant('0'.repeat(32)), fc.string()),
        attempts: fc.integer(),
        metadata: fc.dictionary(fc.string(), fc.jsonValue()),
        measures: fc.dictionary(fc.string(), fc.double()),
      },
      { requiredKeys: ['schema', 'event_id'] },
    );
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 5 }), (lines) => {
        const records = lines.flatMap((line) => {
          const outcome = parseRecord(JSON.stringify(line));
          return 'line' in outcome ? [] : [outcome as Invocation];
        });
        expect(received(records)).toHaveLength(records.length);
      }),
      { numRuns: 150 },
    );
  });
});

describe('sending spans', () => {
  let receiver: Awaited<ReturnType<typeof startOtlpReceiver>> | undefined;
  afterEach(() => receiver?.close());
  const resources = new Resources(undefined);
  const spans = (count: number) =>
    Array.from({ length: count }, () => toSpan(anInvocation({ event_id: eventIdAt(new Date()) }), resources));

  test('sends all, in requests of a limited size, with the headers', async () => {
    receiver = await startOtlpReceiver();
    const target = { endpoint: receiver.endpoint, headers: { 'api-key': 'k' } };
    expect(await sendSpans(target, spans(SPANS_PER_REQUEST + 1))).toEqual({ sent: SPANS_PER_REQUEST + 1, refused: 0 });
    expect(receiver.requests.map(({ spans: { length } }) => length)).toEqual([SPANS_PER_REQUEST, 1]);
    expect(receiver.requests[0]?.headers['api-key']).toBe('k');
    expect(receiver.problems).toEqual([]);
    expect(await sendSpans(target, [])).toEqual({ sent: 0, refused: 0 });
    expect(receiver.requests).toHaveLength(2);
  });

  test('says how many were refused, and why', async () => {
    // ExportTraceServiceResponse { partial_success { rejected_spans: 2, error_message: "full" } }
    const body = Uint8Array.from([0x0a, 0x08, 0x08, 0x02, 0x12, 0x04, ...Buffer.from('full')]);
    receiver = await startOtlpReceiver(() => ({ status: 200, body }));
    expect(await sendSpans({ endpoint: receiver.endpoint, headers: {} }, spans(3))).toEqual({
      sent: 1,
      refused: 2,
      reason: 'full',
    });
  });

  test('takes an answer in another format as one that takes all', async () => {
    receiver = await startOtlpReceiver(() => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('{}'),
    }));
    expect(await sendSpans({ endpoint: receiver.endpoint, headers: {} }, spans(3))).toEqual({ sent: 3, refused: 0 });
  });

  test.each([400, 401, 429, 503])('throws when the answer is %i, so that Lambda tries again', async (status) => {
    receiver = await startOtlpReceiver(() => ({ status }));
    await expect(sendSpans({ endpoint: receiver.endpoint, headers: {} }, spans(1))).rejects.toThrow(
      `The receiver of spans answered ${status}`,
    );
  });

  test('throws when it is sent elsewhere, and when nothing answers', async () => {
    receiver = await startOtlpReceiver(() => ({ status: 307, headers: { location: 'http://127.0.0.1:1/' } }));
    await expect(sendSpans({ endpoint: receiver.endpoint, headers: {} }, spans(1))).rejects.toThrow();
    await expect(sendSpans({ endpoint: 'http://127.0.0.1:1/v1/traces', headers: {} }, spans(1))).rejects.toThrow();
  });
});
