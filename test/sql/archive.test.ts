import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { archiveDays } from '../../lambdas/archive/archive-days.ts';
import { restorePart } from '../../lambdas/archive/restore-part.ts';
import { ARCHIVE_COLUMNS } from '../../lambdas/contract/archive.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { applyRetention } from '../../lambdas/retention/retention.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';
import { memoryObjects } from '../support/memory-objects.ts';
import { clearStore } from '../support/store-contents.ts';

const DAY_MS = 86_400_000;
const RETENTION_DAYS = 7;
const db = await testDatabase();
const [writer, refresher, retention, archive] = [
  db.as('writer'),
  db.as('refresher'),
  db.as('retention'),
  db.as('archive'),
];
const noonDaysAgo = (days: number) => Math.floor(Date.now() / DAY_MS - days) * DAY_MS + DAY_MS / 2;
const dayOf = (days: number) => new Date(noonDaysAgo(days)).toISOString().slice(0, 10);
const callAt = (days: number, given: Partial<Invocation> = {}) =>
  anInvocation({ started_at: new Date(noonDaysAgo(days)).toISOString(), ...given });

let objects = memoryObjects();
const run = (hasTime = () => true) =>
  archiveDays({ database: archive, objects, retentionDays: RETENTION_DAYS, hasTime });
const retain = () => applyRetention(retention, RETENTION_DAYS);
const restoreDay = async (day: string) => {
  let last = await restorePart(archive, objects, { day, part: 0, hold_days: 3 });
  while (last.next_part !== null)
    last = await restorePart(archive, objects, { day, part: last.next_part, hold_days: 3 });
  return last;
};
/** The calls of a day, each as one text with all that is stored of it. */
const rowsOf = (days: number) =>
  db.rows<{ row: string }>(
    `select encode(float8send(duration_ms), 'hex') || call::text as row from analytics.invocations as call
     where (started_at at time zone 'UTC')::date = $1::date order by started_at, event_id`,
    [dayOf(days)],
  );
const names = () => [...objects.contents.keys()].map((key) => key.slice('calls/day='.length)).sort();
const ROLL_UPS = `select 'hours' as of, sum(calls) as calls from rollup.tool_hour
  union all select 'tenants', sum(calls) from rollup.tenant_hour
  union all select 'errors', sum(calls) from rollup.error_hour
  union all select 'totals', sum(total) from rollup.totals
  union all select 'measures', sum(times) from rollup.measure_hour`;

beforeEach(async () => {
  objects = memoryObjects();
  await clearStore(db);
  await db.rows('truncate analytics.archived_days, analytics.archived_parts');
  await db.rows("update analytics.horizon set dropped_before = '-infinity', archives = true");
  await db.rows(`select analytics.make_days(current_date - 11, current_date - 8)`);
  await retain();
  await run();
  await retain();
});

test('the columns of the archive are those of the table, in its order', async () => {
  const columns = await db.rows<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = 'analytics.invocations'::regclass and attnum > 0 and not attisdropped order by attnum`,
  );
  expect(Object.keys(ARCHIVE_COLUMNS)).toEqual(columns.map(({ name }) => name));
});

describe('a day past its retention', () => {
  const store11 = async (calls = [callAt(10), callAt(10, { fault: 'ours', measures: { revenue: 2 } })]) => {
    await db.rows("update analytics.horizon set dropped_before = '-infinity'");
    await db.rows('truncate analytics.archived_days, analytics.archived_parts');
    await db.rows('select analytics.make_days(current_date - 10, current_date - 10)');
    await store(writer, calls);
    await refresh(refresher);
  };

  test('is not dropped before it is archived, and is after', async () => {
    await store11();
    expect(await retain()).toMatchObject({ dropped: [], waiting: 1 });
    await expect(db.rows(`select analytics.drop_oldest_day(${RETENTION_DAYS})`)).rejects.toMatchObject({
      code: 'TW001',
    });
    expect(await run()).toMatchObject({ archived: [{ day: dayOf(10), files: 1, rows: 2 }], unfinished: null });
    expect(names()).toEqual([`${dayOf(10)}/_manifest.json`, `${dayOf(10)}/part-00000.parquet`]);
    expect(await retain()).toMatchObject({ dropped: [dayOf(10)], waiting: 0 });
    expect(await rowsOf(10)).toEqual([]);
  });

  test('is dropped without an archive where the deployment has none', async () => {
    await store11();
    await db.rows('update analytics.horizon set archives = false');
    expect(await retain()).toMatchObject({ dropped: [dayOf(10)], waiting: 0 });
    await expect(restoreDay(dayOf(10))).rejects.toThrow('was not archived and dropped');
  });

  test('is archived anew when a call of it was stored since, and not dropped before', async () => {
    await store11();
    await run();
    for (const [ms, rows] of [
      [1, 3],
      [-1, 4],
    ] as const) {
      await store(writer, [callAt(10, { started_at: new Date(noonDaysAgo(10) + ms).toISOString() })]);
      await refresh(refresher);
      expect(await retain()).toMatchObject({ dropped: [], waiting: 1 });
      expect(await run()).toMatchObject({ archived: [{ rows }] });
    }
    const before = await rowsOf(10);
    expect(await retain()).toMatchObject({ dropped: [dayOf(10)] });
    await restoreDay(dayOf(10));
    expect(await rowsOf(10)).toEqual(before);
  });

  test('comes back as it was, counted nowhere, and is dropped again once it is no longer held', async () => {
    await store11();
    const before = await rowsOf(10);
    await run();
    await retain();
    const counted = await db.rows(ROLL_UPS);
    expect(await restoreDay(dayOf(10))).toMatchObject({ restored: 2, rows: 2 });
    expect(await restoreDay(dayOf(10))).toMatchObject({ restored: 0 });
    expect(await rowsOf(10)).toEqual(before);
    await refresh(refresher);
    expect(await db.rows(ROLL_UPS)).toEqual(counted);
    expect(await run()).toEqual({ archived: [], unfinished: null });
    expect(await retain()).toMatchObject({ dropped: [], waiting: 0 });
    await db.rows("update analytics.archived_days set held_until = now() - interval '1 second'");
    expect(await retain()).toMatchObject({ dropped: [dayOf(10)] });
    expect(await db.rows(ROLL_UPS)).toEqual(counted);
  });

  test('is gone on with where a run without time stopped, and files of an earlier try are removed', async () => {
    await store11();
    expect(await run(() => false)).toEqual({ archived: [], unfinished: dayOf(10) });
    await objects.put(`calls/day=${dayOf(10)}/part-00007.parquet`, Buffer.from('of an earlier try'));
    let files = 1;
    expect(await run(() => files-- > 0)).toEqual({ archived: [], unfinished: dayOf(10) });
    const written = objects.contents.get(`calls/day=${dayOf(10)}/part-00000.parquet`);
    expect(await run()).toMatchObject({ archived: [{ files: 1, rows: 2 }] });
    expect(objects.contents.get(`calls/day=${dayOf(10)}/part-00000.parquet`)).toBe(written);
    expect(names()).toEqual([`${dayOf(10)}/_manifest.json`, `${dayOf(10)}/part-00000.parquet`]);
  });

  test('does not count as archived when what is read back is something else', async () => {
    await store11([callAt(10, { name: 'search' })]);
    const other = memoryObjects();
    const honest = objects;
    objects = other;
    await run();
    const content = other.contents.get(`calls/day=${dayOf(10)}/part-00000.parquet`) ?? Buffer.alloc(0);
    await store11([callAt(10, { name: 'refund' })]);
    objects = { ...honest, get: async () => content };
    await expect(run()).rejects.toThrow('is not what was written');
    expect(await retain()).toMatchObject({ dropped: [], waiting: 1 });
    await expect(
      archive.run((client) =>
        client.query(`select analytics.note_archived_part($1::date, 0, 1, 1, 1, '', $2, gen_random_uuid())`, [
          dayOf(10),
          noonDaysAgo(9) * 1_000,
        ]),
      ),
    ).rejects.toThrow('with checksum');
  });

  test('also of calls that came before there was a partition for their day', async () => {
    await store11([callAt(60)]);
    expect(await run()).toMatchObject({
      archived: [
        { day: dayOf(60), rows: 1 },
        { day: dayOf(10), rows: 0 },
      ],
    });
    expect(await retain()).toMatchObject({ dropped: [dayOf(10)], waiting: 0 });
    expect(await restoreDay(dayOf(60))).toMatchObject({ restored: 1 });
  });

  test('comes back byte for byte, whatever its calls are', async () => {
    const text = fc.oneof(
      fc.constantFrom('\u001f=', 'ÅÅÅ\u{1f600}', '"\\', '\n'),
      fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((given) => !given.includes('\0')),
    );
    const odd = fc.constantFrom('NaN', 'Infinity', '-0', '0.1', '1e300', '5e-324', '123456789.123456789');
    const whole = fc.constantFrom('0', '9007199254740993', '9223372036854775807');
    const call = fc.record({
      micros: fc.integer({ min: 0, max: 86_399_999_999 }),
      duration: odd,
      cost: fc.option(odd),
      bytes: fc.option(whole),
      message: fc.option(text),
      agent: fc.option(text),
      retryable: fc.option(fc.boolean()),
      parent: fc.option(fc.uuid()),
      metadata: fc.option(fc.jsonValue({ maxDepth: 3 }).filter((given) => !JSON.stringify(given).includes('\\u0000'))),
      attempts: fc.integer({ min: 1, max: 2_147_483_647 }),
    });
    const insert = `insert into analytics.invocations (started_at, finished_at, batch_id, duration_ms, event_id, attempts,
        cold_start, success, kind, name, tenant_id, service, environment, version, correlation_id, error_message,
        user_agent, retryable, parent_id, request_bytes, cost_usd, metadata)
      select $1::date::timestamp at time zone 'UTC' + $2::bigint * interval '1 microsecond', now(), 1, $3, gen_random_uuid(),
        $4, true, true, 'tool', 't', 'acme', 's', 'e', 'v', 'c', $5, $6, $7, $8, $9, $10, $11`;
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 12 }), async (calls) => {
        await clearStore(db);
        await store11([]);
        objects = memoryObjects();
        for (const given of calls) {
          const metadata = given.metadata === null ? null : JSON.stringify(given.metadata);
          const ofCall = [given.message, given.agent, given.retryable, given.parent, given.bytes, given.cost, metadata];
          await db.rows(insert, [dayOf(10), given.micros, given.duration, given.attempts, ...ofCall]);
        }
        const before = await rowsOf(10);
        expect(before).toHaveLength(calls.length);
        await run();
        expect((await retain()).dropped).toEqual([dayOf(10)]);
        await restoreDay(dayOf(10));
        expect(await rowsOf(10)).toEqual(before);
        await db.rows('update analytics.archived_days set held_until = null');
        await retain();
      }),
      { numRuns: 15 },
    );
  });
});
