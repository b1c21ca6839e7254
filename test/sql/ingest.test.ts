import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { COLUMNS, type Invocation } from '../../lambdas/contract/invocation.ts';
import { ERROR_MESSAGE_LIMIT_BYTES, TEXT_LIMIT_BYTES } from '../../lambdas/contract/limits.ts';
import { openDatabase } from '../../lambdas/database/database.ts';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import { parametersOf, store } from '../../lambdas/ingest/store.ts';
import { isReject, parseRecord } from '../../lambdas/subscription/record.ts';
import { anEnvelope } from '../support/an-envelope.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const writer = db.as('writer');
const DAY_MS = 86_400_000;

beforeEach(async () => {
  await db.rows('truncate analytics.invocations, analytics.rejects, rollup.pending_batches');
});

const rowsStored = () => db.rows<Invocation>('select * from analytics.invocations order by started_at');
const reasons = async () =>
  (await db.rows<{ reason: string }>('select reason from analytics.rejects order by reason')).map(
    ({ reason }) => reason,
  );
const agoIso = (ms: number) => new Date(Date.now() - ms).toISOString();

test("the table has the record's columns, and created_at and batch_id", async () => {
  const rows = await db.rows<{ column_name: string }>(
    `select column_name from information_schema.columns
     where table_schema = 'analytics' and table_name = 'invocations'`,
  );
  expect(rows.map(({ column_name }) => column_name).sort()).toEqual([...COLUMNS, 'created_at', 'batch_id'].sort());
});

test('every field of a record is stored unchanged', async () => {
  const record = anInvocation({
    fault: 'dependency',
    user_id: 'u',
    session_id: 's',
    gpt_name: 'g',
    source_gpt: 'sg',
    client_name: 'c',
    client_version: '1',
    user_agent: 'agent ✓ 𝄞',
    provider: 'shop',
    domain: 'shop.example',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    parent_id: '01a1fb3d-17f1-7000-8000-00000000abcd',
    replay_of: '01a1fb3d-17f1-7000-8000-00000000abce',
    request_bytes: 5_000_000_000,
    response_bytes: 0,
    cost_usd: 0.000123,
    duration_ms: 12.345678,
    metadata: { nested: { list: [1, 'two', null, true] }, päth: 'x' },
    measures: { revenue: -12.5 },
  });
  expect(await store(writer, [record])).toEqual({ stored: 1, duplicates: 0, rejected: 0 });
  const [row] = await rowsStored();
  const { schema: _, ...sent } = record;
  expect(row).toMatchObject({
    ...sent,
    started_at: new Date(record.started_at),
    finished_at: new Date(record.finished_at),
  });
});

test('a control message, by which CloudWatch Logs tests the destination, stores nothing', async () => {
  expect(await ingest(writer, anEnvelope(['hello'], 'CONTROL_MESSAGE'))).toEqual({
    stored: 0,
    duplicates: 0,
    rejected: 0,
  });
  expect(await reasons()).toEqual([]);
});

test('lines without an identity are stored once as rejects with the reason, and all other lines are stored', async () => {
  const good = anInvocation();
  const event = anEnvelope([
    'half a line {"schema":"toolwatch.v1"',
    good,
    '[]',
    { ...anInvocation(), schema: 'toolwatch.v9' },
    { ...anInvocation(), kind: 'seance' },
    { ...anInvocation(), name: '' },
    { ...anInvocation(), started_at: '2026-11-20T18:40:00' },
    { ...anInvocation(), event_id: "1'; drop table analytics.invocations; --" },
  ]);
  expect(await ingest(writer, event)).toMatchObject({ stored: 1, duplicates: 0, rejected: 7 });
  expect(await ingest(writer, event)).toMatchObject({ stored: 0, duplicates: 1, rejected: 7 });
  expect((await rowsStored()).map(({ event_id }) => event_id)).toEqual([good.event_id]);
  const rejects = await db.rows<{ deliveries: number }>('select deliveries from analytics.rejects');
  expect(rejects.map(({ deliveries }) => deliveries)).toEqual(Array(7).fill(2));
  expect(await reasons()).toEqual([
    'event_id: not a UUID, dropped',
    expect.stringMatching(/^kind: /),
    'name: missing',
    'not a JSON object',
    'not a JSON object',
    'schema is not toolwatch.v1',
    'started_at: write the offset from UTC after the time: Z, or for example +01:00; dropped',
  ]);
});

test.each<[string, object | string, Partial<Invocation>]>([
  ['no user agent', { user_agent: '' }, { user_agent: null as never }],
  ['a negative duration', { duration_ms: -1 }, { duration_ms: 0 }],
  ['an infinite duration', { duration_ms: '1e999' }, { duration_ms: 604_800_000 }],
  ['half an attempt', { attempts: 12.5 }, { attempts: 12 }],
  ['a cost beyond belief', { cost_usd: 2e9 }, { cost_usd: null as never }],
  ['a null measure', { measures: { orders: null, items: 2 } }, { measures: { items: 2 } }],
  ['a measure beyond integers', { measures: { at: 1e300, items: 2 } }, { measures: { items: 2 } }],
  ['every tenant', { tenant_id: '*' }, { tenant_id: expect.stringMatching(/^\*~[\da-f]{32}$/) }],
  ['no tenant', { tenant_id: '' }, { tenant_id: 'default' }],
  ['a number as its user', { user_id: 42 }, { user_id: '42' }],
  ['the time of another language', { finished_at: '2026-11-20T18:40:00.123456+00:00' }, {}],
  ['an unknown error code', { success: false, error_code: 'OOPS' }, { error_code: null as never, success: false }],
])('a line with %s costs no call', async (_, changes, stored) => {
  const line = JSON.stringify({ ...anInvocation(), ...(changes as object) }).replace('"1e999"', '1e999');
  expect(await ingest(writer, anEnvelope([line]))).toMatchObject({ stored: 1, rejected: 0 });
  const [row] = await rowsStored();
  expect(row).toMatchObject(stored);
});

test('unknown fields are ignored, and null means absent', async () => {
  const line = { ...anInvocation(), invented: { by: 'a newer writer' }, user_id: null };
  expect(await ingest(writer, anEnvelope([line]))).toMatchObject({ stored: 1, rejected: 0 });
  expect((await rowsStored())[0]?.user_id).toBeNull();
});

test('strings, metadata and measures that are too long are cut, and the call is stored', async () => {
  const deep = JSON.parse(`${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`) as Record<string, never>;
  const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`key_${at}`, at]));
  const event = anEnvelope([
    anInvocation({
      started_at: agoIso(5_000),
      fault: 'ours',
      error_message: 'x'.repeat(1_000_000),
      user_agent: 'y'.repeat(1_000_000),
    }),
    anInvocation({ started_at: agoIso(4_000), metadata: deep }),
    anInvocation({ started_at: agoIso(3_000), metadata: wide }),
    anInvocation({ started_at: agoIso(2_000), measures: wide }),
  ]);
  expect(await ingest(writer, event)).toMatchObject({ stored: 4, rejected: 0 });
  const [long, nested, keys, figures] = await rowsStored();
  expect([long?.error_message, long?.user_agent].map((text) => Buffer.byteLength(text ?? ''))).toEqual([
    ERROR_MESSAGE_LIMIT_BYTES,
    TEXT_LIMIT_BYTES,
  ]);
  expect(nested?.metadata).toEqual({ altered: ['metadata: nested more than 32 deep, dropped'] });
  expect(keys?.metadata).toEqual({ altered: ['metadata: more than 16384 bytes, dropped'] });
  expect(Object.keys(figures?.measures ?? {}).length).toBe(64);
});

test('NUL and halves of surrogate pairs are replaced in words, never make one key of two, and SQL is only text', async () => {
  const hostileText = '\'; drop schema analytics cascade; --\\ " $1 %s';
  const record = anInvocation({
    user_id: 'a\ud800',
    session_id: 'a\ud801',
    user_agent: `a\0b\ud800c${hostileText}`,
    correlation_id: hostileText,
    metadata: { [`k\0\udc00${hostileText}`]: `v\0\ud83d\\u0000${hostileText}`, pair: '\ud83d\ude00' },
    measures: { 'm\0': 1, m: 2, [hostileText]: 3 },
  });
  expect(await ingest(writer, anEnvelope([record]))).toMatchObject({ stored: 1, rejected: 0 });
  const [row] = await rowsStored();
  expect(row).toMatchObject({
    user_id: expect.stringMatching(/^a\ufffd~[\da-f]{32}$/),
    session_id: expect.stringMatching(/^a\ufffd~[\da-f]{32}$/),
    user_agent: `ab\ufffdc${hostileText}`,
    correlation_id: hostileText,
    metadata: { [`k\ufffd${hostileText}`]: `v\ufffd\\u0000${hostileText}`, pair: '\ud83d\ude00' },
  });
  expect(row?.user_id).not.toBe(row?.session_id);
  expect(Object.values(row?.measures ?? {}).sort()).toEqual([1, 2, 3]);
});

test('the table takes whatever a line says once it fits the record', async () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 700 }),
    fc.constantFrom('*', 'default', '', '\0', '\ud800', '漢'.repeat(400), '😀'.repeat(300)),
  );
  const anyValue = fc.oneof(
    anyText,
    fc.double(),
    fc.maxSafeInteger(),
    fc.jsonValue({ maxDepth: 4 }),
    fc.dictionary(anyText, fc.oneof(fc.double(), anyText)),
  );
  const fields = COLUMNS.filter((column) => !['event_id', 'started_at'].includes(column));
  const changes = fc.record(Object.fromEntries(fields.map((field) => [field, anyValue])), { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 20 }), async (lines) => {
      const outcomes = lines.map((line) => parseRecord(JSON.stringify({ ...anInvocation(), ...line })));
      const records = outcomes.filter((outcome) => !isReject(outcome));
      expect(await store(writer, records as Invocation[])).toEqual({
        stored: records.length,
        duplicates: 0,
        rejected: 0,
      });
    }),
    { numRuns: 60 },
  );
});

test('bytes that are not UTF-8 are replaced, and all records are stored', async () => {
  const lines = [anInvocation({ user_id: 'XX' }), anInvocation({ user_id: 'plain' })].map((record) =>
    JSON.stringify(record),
  );
  const payload = Buffer.from(
    JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: lines.map((message) => ({ message })) }),
  );
  payload.write('\xff\xfe', payload.indexOf('XX'), 'latin1');
  const event = { awslogs: { data: gzipSync(payload).toString('base64') } };
  expect(await ingest(writer, event)).toMatchObject({ stored: 2, rejected: 0 });
  expect((await rowsStored()).map(({ user_id }) => user_id).sort()).toEqual(['plain', '\ufffd\ufffd']);
});

test('duplicates are stored once, also in another batch, order or letter case, and a day late', async () => {
  const records = [0, 1, 2, 3].map((at) => anInvocation({ started_at: agoIso(DAY_MS + at * 1_000) }));
  expect(await store(writer, [...records, ...records])).toEqual({ stored: 4, duplicates: 4, rejected: 0 });
  expect(await store(writer, [...records].reverse())).toEqual({ stored: 0, duplicates: 4, rejected: 0 });
  const inUpperCase = records.map((record) => ({ ...record, event_id: record.event_id.toUpperCase() }));
  expect(await store(writer, inUpperCase)).toEqual({ stored: 0, duplicates: 4, rejected: 0 });
  const withOneDuplicate = [
    anInvocation({ started_at: agoIso(DAY_MS + 9_000) }),
    ...records.slice(1, 2),
    anInvocation(),
  ];
  expect(await store(writer, withOneDuplicate)).toEqual({ stored: 2, duplicates: 1, rejected: 0 });
});

test('a call an hour ahead is stored; calls of 1970 and 2100 are rejected, each once', async () => {
  const early = anInvocation({ started_at: '1970-01-01T00:00:00.000Z' });
  const late = anInvocation({ started_at: '2100-01-01T00:00:00.000Z' });
  const ahead = anInvocation({ started_at: agoIso(-3_600_000) });
  for (const stored of [1, 0])
    expect(await store(writer, [early, ahead, late])).toEqual({ stored, duplicates: 1 - stored, rejected: 2 });
  const rejects = await db.rows<{ reject_id: string; deliveries: number }>(
    'select reject_id, deliveries from analytics.rejects',
  );
  expect(rejects.map(({ reject_id }) => reject_id).sort()).toEqual([early.event_id, late.event_id].sort());
  expect(rejects.map(({ deliveries }) => deliveries)).toEqual([2, 2]);
});

test("a call of a day without a partition is stored, and moves when the day's partition is created", async () => {
  const old = anInvocation({ started_at: agoIso(30 * DAY_MS) });
  await store(writer, [old]);
  expect(await db.rows('select event_id from analytics.invocations_default')).toEqual([{ event_id: old.event_id }]);
  const retention = db.as('retention');
  await retention.run((client) => client.query('select analytics.make_days(current_date - 31, current_date - 29)'));
  expect(await db.rows('select event_id from analytics.invocations_default')).toEqual([]);
  expect(await store(writer, [old])).toEqual({ stored: 0, duplicates: 1, rejected: 0 });
});

test('a record that the database refuses becomes a reject, and the rest of its batch is stored', async () => {
  const records = Array.from({ length: 20 }, (_, at) => anInvocation({ started_at: agoIso(60_000 + at) }));
  const refused = { ...anInvocation(), tenant_id: '*' };
  expect(await store(writer, [...records.slice(0, 13), refused, ...records.slice(13)])).toEqual({
    stored: 20,
    duplicates: 0,
    rejected: 1,
  });
  expect(await reasons()).toEqual([expect.stringContaining('tenant_is_not_everybody')]);
});

test('more records than one statement takes are stored by several', async () => {
  const records = Array.from({ length: 10_001 }, (_, at) => anInvocation({ started_at: agoIso(60_000 + at) }));
  expect(await store(writer, records)).toEqual({ stored: 10_001, duplicates: 0, rejected: 0 });
  expect(await db.rows('select count(*) as batches from rollup.pending_batches')).toEqual([{ batches: 2 }]);
});

test('writers that store the same calls in opposite orders wait for each other without a deadlock', async () => {
  const records = Array.from({ length: 5_000 }, (_, at) => anInvocation({ started_at: agoIso(60_000 + at) }));
  const writers = Array.from({ length: 8 }, () => openDatabase({ connectionString: db.urlFor('writer') }));
  await Promise.all(writers.map((own) => store(own, [anInvocation()]))); // connects, so that all start together
  const results = await Promise.all(writers.map((own, at) => store(own, at % 2 ? records : [...records].reverse())));
  await Promise.all(writers.map((own) => own.close()));
  expect(results.reduce((sum, { stored }) => sum + stored, 0)).toBe(5_000);
});

test('calls are always sent in the order of their keys, each once, which rules out deadlocks between writers', () => {
  const records = [3, 1, 2].map((at) => anInvocation({ started_at: agoIso(60_000 + at) }));
  const [sent, shuffled] = [records, [...records].reverse().concat(records)].map((given) => parametersOf(given, 1)[0]);
  expect(shuffled).toEqual(sent);
});

test('a database connection that the server closed is replaced, and the batch is stored once', async () => {
  await store(writer, [anInvocation()]);
  await db.rows(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where usename = 'toolwatch_writer' and datname = current_database()`,
  );
  expect(await store(writer, [anInvocation()])).toEqual({ stored: 1, duplicates: 0, rejected: 0 });
});
