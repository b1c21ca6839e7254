import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLUMNS, type Invocation, invocation } from '../../../lambdas/contract/invocation.ts';
import type { ErrorCode, Fault } from '../../../lambdas/contract/vocabulary.ts';
import { operationOf } from '../../../lambdas/observe/call/operation.ts';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { type CallRecord, formatLine } from '../../../lambdas/observe/line/format-line.ts';
import { observe } from '../../../lambdas/observe/observe.ts';
import { isReject, parseRecord } from '../../../lambdas/subscription/record.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { anInvocation } from '../../support/an-invocation.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aCall, aContext } from '../../support/lambda-context.ts';

const lines = captureLines();

/** Texts that are too long, empty, of many bytes a character, or not storable at all. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 800 }),
  fc.constantFrom(
    '*',
    'default',
    '',
    ' ',
    '\0',
    '\u0007',
    '\ud800',
    '\udc00x',
    '漢'.repeat(400),
    '😀'.repeat(300),
    '"'.repeat(600),
  ),
);
const anyNumber = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(Number.NaN, 1e300, -1, 0, 2e9));
const anyJson = fc.oneof(anyText, anyNumber, fc.jsonValue({ maxDepth: 5 }), fc.dictionary(anyText, anyNumber));

const anyRecord: fc.Arbitrary<CallRecord> = fc
  .record({
    texts: fc.array(anyText, { minLength: 8, maxLength: 8 }),
    durationMs: anyNumber,
    attempts: anyNumber,
    requestBytes: anyNumber,
    responseBytes: anyNumber,
    costUsd: anyNumber,
    metadata: fc.option(fc.dictionary(anyText, anyJson), { nil: undefined }),
    measures: fc.option(fc.dictionary(anyText, anyNumber, { maxKeys: 100 }), { nil: undefined }),
    failure: fc.option(fc.record({ type: anyText, message: anyText }), { nil: undefined }),
  })
  .map(({ texts, failure, ...record }) => {
    const call = aCall({ correlation_id: texts[0] ?? '' });
    const [, tenant_id, user_id, session_id, source_gpt, client_name, client_version, user_agent] = texts as string[];
    Object.assign(call, { tenant_id, user_id, session_id, source_gpt, client_name, client_version, user_agent });
    const startedAtMs = Number.parseInt(call.event_id.replace('-', '').slice(0, 12), 16);
    return {
      call,
      traceId: undefined,
      startedAtMs,
      finishedAtMs: startedAtMs + 5,
      coldStart: false,
      failure: failure && { code: 'INTERNAL_ERROR', fault: 'ours', retryable: false, ...failure },
      ...record,
    };
  });

describe('the writer, the checker and the reader have the same limits:', () => {
  test('a line of the wrapper is valid and stored as it is, whatever the call was', () => {
    fc.assert(
      fc.property(anyRecord, anyText, anyText, (record, name, provider) => {
        const line = formatLine(operationOf({ kind: 'job', name, provider, gptName: provider }), record);
        expect(checkLine(line)).toEqual([]);
        const stored = parseRecord(line) as Invocation;
        expect(isReject(stored)).toBe(false);
        const written = JSON.parse(line) as Record<string, unknown>;
        for (const column of COLUMNS) expect(stored[column]).toEqual(written[column]);
        expect(invocation.safeParse(stored).error).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  const valid = (): Record<string, unknown> => {
    const record = anInvocation({ success: false, provider: 'shop', cost_usd: 0.1, measures: { orders: 1 } });
    const metrics = ['duration_ms', 'error'].map((Name) => ({ Name, Unit: 'Count' }));
    const directive = { Namespace: 'Toolwatch', Dimensions: [['service', 'tool']], Metrics: metrics };
    const _aws = { Timestamp: 1, CloudWatchMetrics: [directive] };
    return { _aws, level: 'ERROR', tool: record.name, error: 1, ...record };
  };
  const IDENTITY = ['event_id', 'kind', 'name', 'started_at'];

  test('a field of any value costs at most itself, an identity is refused by its name, and check-line says the same', () => {
    fc.assert(
      fc.property(fc.constantFrom(...COLUMNS), anyJson, (field, value) => {
        const given = JSON.parse(JSON.stringify({ ...valid(), [field]: value })) as Record<string, unknown>;
        const text = JSON.stringify(given);
        const outcome = parseRecord(text);
        const problems = checkLine(text) ?? [];
        const rejected = problems.filter((problem) => problem.startsWith('rejected: '));
        const altered = problems.filter((problem) => problem.startsWith('altered: '));
        if (isReject(outcome)) {
          expect(IDENTITY).toContain(field);
          expect(outcome.reason).toMatch(new RegExp(`^${field}: `));
          expect(problems).toEqual([`rejected: ${outcome.reason}`]);
          return;
        }
        expect(rejected).toEqual([]);
        expect(invocation.safeParse(outcome).error).toBeUndefined();
        const differs = COLUMNS.filter((column) => {
          const isAbsent = [null, ''].includes(given[column] as never);
          return JSON.stringify(outcome[column]) !== JSON.stringify(isAbsent ? undefined : given[column]);
        });
        // A dropped null among the measures is absent too.
        const nulls = field === 'measures' && JSON.stringify(value)?.includes('null');
        if (!nulls) expect(altered.length > 0).toBe(differs.length > 0);
        expect(differs.filter((column) => column !== field && column !== 'metadata')).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('two different keys never become one', () => {
    const key = fc.constantFrom(...(['name', 'tenant_id', 'user_id', 'session_id', 'correlation_id'] as const));
    const long = fc.tuple(anyText, fc.string({ unit: 'binary', maxLength: 3 })).map(([text, end]) => text + end);
    fc.assert(
      fc.property(key, long, long, (field, first, second) => {
        fc.pre(first !== second && first !== '' && second !== '');
        const [a, b] = [first, second].map((text) => parseRecord(JSON.stringify({ ...anInvocation(), [field]: text })));
        expect((a as Invocation)[field]).not.toBe((b as Invocation)[field]);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('times of other programs are stored in UTC to the millisecond', () => {
  const stored = parseRecord(JSON.stringify({ ...anInvocation(), started_at: '2026-11-20T19:40:00.123456+01:00' }));
  expect(stored).toMatchObject({ started_at: '2026-11-20T18:40:00.123Z' });
});

describe('what a tool counts', () => {
  const run = (work: (context: { cost(usd: number): void; measure(name: string, value: number): void }) => void) =>
    defineTool(toolFacts()).run((_args, context) => {
      work(context);
      return { degrees: 1 };
    })({ city: 'x' }, aContext());

  test('is within the limits: costs and sums beyond them are dropped and counted, and the metrics stay', async () => {
    await run(({ cost, measure }) => {
      cost(1e308);
      cost(1e308);
      cost(0.5);
      cost(2e9);
      measure('orders', Number.MAX_SAFE_INTEGER);
      measure('orders', 1);
      measure('micros', 1e300);
    });
    const [line = ''] = lines.raw();
    expect(checkLine(line)).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({
      cost_usd: 0.5,
      measures: { orders: Number.MAX_SAFE_INTEGER },
      error: 0,
      duration_ms: expect.any(Number),
    });
    await run(() => undefined);
    expect(lines.raw().map((text) => JSON.parse(text).telemetry_dropped)).toEqual([5, undefined]);
  });

  test('keeps two names apart that begin alike or look like secrets', async () => {
    await run(({ measure }) => {
      for (const end of ['a', 'b']) measure(`${'n'.repeat(700)}${end}`, 1);
      for (const user of ['anna@example.com', 'ben@example.com']) measure(user, 1);
    });
    const { measures = {} } = lines.records()[0] ?? {};
    expect(Object.values(measures)).toEqual([1, 1, 1, 1]);
    expect(JSON.stringify(measures)).not.toContain('example.com');
  });
});

test('a name that CloudWatch takes for no dimension is recorded, and counted among the unregistered', async () => {
  await observe('job', 'prüfung', () => undefined);
  expect(JSON.parse(lines.raw()[0] ?? '')).toMatchObject({ name: 'prüfung', tool: '_OTHER' });
});

test('a failure without a message says so', () => {
  const failure = {
    code: 'INTERNAL_ERROR' as ErrorCode,
    fault: 'ours' as Fault,
    type: '',
    message: '',
    retryable: false,
  };
  const record = {
    call: aCall(),
    traceId: undefined,
    startedAtMs: 0,
    finishedAtMs: 1,
    durationMs: 1,
    coldStart: false,
  };
  const line = formatLine(operationOf({ kind: 'job', name: 'n' }), { ...record, attempts: 1, failure });
  expect(JSON.parse(line)).toMatchObject({ error_type: 'unknown', error_message: 'no message' });
});
