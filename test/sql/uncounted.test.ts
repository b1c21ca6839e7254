import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { applyRetention } from '../../lambdas/retention/retention.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';
import { clearStore } from '../support/store-contents.ts';

const HOUR_MS = 3_600_000;
const db = await testDatabase();
const [writer, refresher, operator] = [db.as('writer'), db.as('refresher'), db.as('operator')];
const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const range = [new Date(hour - 3 * HOUR_MS), new Date(hour + HOUR_MS)];

beforeEach(async () => {
  await clearStore(db);
  await db.rows('update rollup.progress set put_aside = 0, reported = 0');
});

/** Calls of which those at `bad` cannot be counted: they last longer than a number of microseconds can say. */
const calls = (count: number, bad: readonly number[] = [], given: Partial<Invocation> = {}): Invocation[] => {
  const at = Date.now() - 60_000;
  return Array.from({ length: count }, (_, index) => ({
    // Some calls begin in the same millisecond.
    ...anInvocation({ started_at: new Date(at + Math.floor(index / 3)).toISOString(), ...given }),
    ...(bad.includes(index) && { duration_ms: 1e300 }),
  }));
};

const countedCalls = async () =>
  (await db.rows<{ calls: number }>('select coalesce(sum(calls), 0) as calls from rollup.tool_hour'))[0]?.calls;
const differences = () =>
  operator.run(async (client) => (await client.query('select * from rollup.differences($1, $2)', range)).rows);
const waiting = async () =>
  (
    await db.rows<{ batches: number; calls: number }>(`
      select (select count(*) from rollup.pending_batches) as batches,
        (select count(*) from rollup.uncounted_calls where reason is null) as calls`)
  )[0];
const rollUp = (max = 2_000) =>
  refresher.run(async (client) => {
    const { rows } = await client.query<{ calls: number }>('select rollup.roll_up($1) as calls', [max]);
    return rows[0]?.calls;
  });

test('a call that cannot be counted becomes a reject with the reason, and all others are counted', async () => {
  const [first, second] = [calls(40, [17]), calls(30)];
  await store(writer, first);
  await store(writer, second);
  expect(await refresh(refresher)).toMatchObject({ failures: [], waiting_seconds: 0, put_aside: 1 });
  expect(await countedCalls()).toBe(69);
  const rejects = await db.rows<{ reject_id: string; reason: string; line: string }>('select * from analytics.rejects');
  expect(rejects).toMatchObject([
    { reject_id: first[17]?.event_id, reason: 'not counted: 22003: bigint out of range' },
  ]);
  expect(JSON.parse(rejects[0]?.line ?? '')).toMatchObject({ event_id: first[17]?.event_id, duration_ms: 1e300 });
  expect(await differences()).toEqual([]);
  expect(await refresh(refresher)).toMatchObject({ failures: [], put_aside: 0 });
});

test('a call that cannot be counted stays stored, and its day is dropped like any other', async () => {
  await db.rows('select analytics.make_days(current_date - 13, current_date - 8)');
  const [old] = calls(1, [0], { started_at: new Date(Date.now() - 12 * 24 * HOUR_MS).toISOString() });
  await store(writer, old ? [old] : []);
  await refresh(refresher);
  expect(await db.rows('select event_id from analytics.tool_invocations, analytics.invocations')).toEqual([
    { event_id: old?.event_id },
  ]);
  await applyRetention(db.as('retention'), 7);
  expect(await db.rows('select * from rollup.uncounted_calls')).toEqual([]);
  expect(await db.rows('select * from analytics.invocations')).toEqual([]);
  await db.rows("update analytics.horizon set dropped_before = '-infinity'");
});

test('a rebuild tries such calls again, and is not stopped by those that still cannot be counted', async () => {
  await store(writer, calls(60, [5, 40]));
  await refresh(refresher);
  // As if a value that an earlier version could not count were one that this version can.
  await db.rows(
    'update analytics.invocations set duration_ms = 5 where event_id = (select event_id from rollup.uncounted_calls order by started_at limit 1)',
  );
  await operator.run((client) => client.query('select rollup.rebuild($1, $2)', range));
  await refresh(refresher);
  expect(await countedCalls()).toBe(59);
  expect(await db.rows('select reason from rollup.uncounted_calls')).toHaveLength(1);
  expect(await differences()).toEqual([]);
});

test('one such call among ten thousand takes some thirty attempts', async () => {
  const records = calls(10_000, [7_777]);
  await store(writer, records);
  expect(await rollUp()).toBeGreaterThan(0);
  // A roll-up gives up after fifty failed attempts; here it has come to the end.
  expect(await waiting()).toEqual({ batches: 0, calls: 0 });
  expect(await countedCalls()).toBe(9_999);
  expect(await db.rows('select count(*) as rejects from analytics.rejects')).toEqual([{ rejects: 1 }]);
});

test('a roll-up with very many such calls ends early, and the next ones continue', async () => {
  const bad = Array.from({ length: 200 }, (_, index) => index);
  await store(writer, calls(260, bad));
  await rollUp();
  const left = await waiting();
  expect(left?.calls).toBeGreaterThan(0);
  // Calls that come meanwhile do not wait for them.
  await store(writer, calls(25, [], { name: 'other' }));
  await rollUp();
  expect(await db.rows("select sum(calls) as calls from rollup.tool_hour where name = 'other'")).toEqual([
    { calls: 25 },
  ]);
  while ((await rollUp()) !== 0);
  expect(await waiting()).toEqual({ batches: 0, calls: 0 });
  expect(await countedCalls()).toBe(85);
  expect(await db.rows('select count(*) as rejects from analytics.rejects')).toEqual([{ rejects: 200 }]);
  expect(await differences()).toEqual([]);
});

test('a deadlock or an outage is no fault of a call: roll-up fails, and counts everything later', async () => {
  await store(writer, calls(20));
  for (const state of ['40P01', '53100', '57014']) {
    await db.rows(`
      create function public.fail() returns trigger language plpgsql as
      $$ begin raise exception 'not now' using errcode = '${state}'; end $$;
      create trigger fails before insert on rollup.tool_hour execute function public.fail();
      grant execute on function public.fail() to public; grant usage on schema public to public;`);
    const { failures, waiting_seconds } = await refresh(refresher);
    expect(failures[0]).toMatch(/^calls were not rolled up: not now/);
    expect(waiting_seconds).toBeGreaterThan(0);
    await db.rows('drop function public.fail() cascade');
    expect(await waiting()).toEqual({ batches: 1, calls: 0 });
  }
  expect(await refresh(refresher)).toMatchObject({ failures: [], put_aside: 0 });
  expect(await countedCalls()).toBe(20);
});

test('of a batch whose calls are partly gone the others are counted, and a reject says how many are missing', async () => {
  await store(writer, calls(10));
  await store(writer, calls(10, [], { name: 'other' }));
  await db.rows(`delete from analytics.invocations where event_id in
    (select event_id from analytics.invocations where name = 'other' limit 3)`);
  expect(await refresh(refresher)).toMatchObject({ failures: [], waiting_seconds: 0, put_aside: 3 });
  expect(await countedCalls()).toBe(17);
  expect(await db.rows('select reason from analytics.rejects')).toEqual([
    { reason: expect.stringMatching(/^not counted: 3 of the 10 calls of batch \d+ are no longer stored$/) },
  ]);
});

test('calls that are put aside are reported once, also when a refresh ended before it could report them', async () => {
  await store(writer, calls(3, [1]));
  await rollUp();
  expect(await refresh(refresher)).toMatchObject({ put_aside: 1 });
  expect(await refresh(refresher)).toMatchObject({ put_aside: 0 });
});

test('in any mixture of batches, exactly the calls that cannot be counted are put aside', async () => {
  const batch = fc.integer({ min: 1, max: 24 }).chain((count) =>
    fc.record({
      count: fc.constant(count),
      bad: fc.oneof(fc.constant([]), fc.uniqueArray(fc.nat(count - 1), { maxLength: count })),
    }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(batch, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 8 }),
      async (batches, max) => {
        await clearStore(db);
        for (const { count, bad } of batches) await store(writer, calls(count, bad));
        while ((await rollUp(max)) !== 0);
        const bad = batches.reduce((sum, each) => sum + each.bad.length, 0);
        const all = batches.reduce((sum, { count }) => sum + count, 0);
        expect(await countedCalls()).toBe(all - bad);
        expect(await db.rows('select count(*) as rejects from analytics.rejects')).toEqual([{ rejects: bad }]);
        expect(await db.rows('select count(*) as calls from rollup.uncounted_calls where reason is not null')).toEqual([
          { calls: bad },
        ]);
        expect(await waiting()).toEqual({ batches: 0, calls: 0 });
        expect(await differences()).toEqual([]);
      },
    ),
    { numRuns: 20 },
  );
});
