import { beforeEach, expect, test } from 'vitest';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const [writer, refresher] = [db.as('writer'), db.as('refresher')];
const MINUTE_MS = 60_000;

beforeEach(async () => {
  await db.rows('delete from analytics.tool_thresholds');
  await db.rows(
    `insert into analytics.tool_thresholds (name, p95_ms, error_rate, min_calls, min_errors)
     values ('rare_tool', 2000, 0.02, 20, 3), ('generous_tool', 2000, 0.9, 20, 3), ('misused_tool', 2000, 0.02, 20, 3)`,
  );
});

/** A call every ten minutes, the last of them now. */
const callsOf = (name: string, count: number, given: (index: number) => object) =>
  Array.from({ length: count }, (_, index) =>
    anInvocation({
      name,
      started_at: new Date(Date.now() - (count - index) * 10 * MINUTE_MS).toISOString(),
      ...given(index),
    }),
  );
const FAILED = { fault: 'ours', error_code: 'INTERNAL_ERROR' } as const;

test('refresh evaluates each name by its own thresholds, and leaves out what callers did wrong', async () => {
  await store(writer, [
    ...callsOf('rare_tool', 20, (index) => (index >= 15 ? FAILED : {})),
    ...callsOf('generous_tool', 20, (index) => (index >= 15 ? FAILED : {})),
    ...callsOf('misused_tool', 20, (index) => (index >= 15 ? { fault: 'caller', error_code: 'INVALID_INPUT' } : {})),
    ...callsOf('orders', 20, (index) => ({ kind: 'webhook', ...(index >= 15 ? FAILED : {}) })),
  ]);
  const { verdicts, failures } = await refresh(refresher);
  expect(failures).toEqual([]);
  expect(verdicts?.verdicts.map(({ name, condition, verdict }) => `${name} ${condition} ${verdict}`).sort()).toEqual([
    'rare_tool trickle holds',
    'webhook/orders trickle holds',
  ]);
  expect(verdicts?.callsStopped).toBe(false);
});

test('a name in trouble is over once its calls succeed again', async () => {
  await store(writer, [...callsOf('mended_tool', 30, (index) => (index >= 15 && index < 22 ? FAILED : {}))]);
  const { verdicts } = await refresh(refresher);
  expect(verdicts?.verdicts.filter(({ name, verdict }) => name === 'mended_tool' && verdict === 'holds')).toEqual([]);
});

test('what is evaluated has been counted by the roll-ups: the same calls, by the hour and by five minutes', async () => {
  await store(
    writer,
    callsOf('counted_tool', 100, (index) => (index % 10 === 0 ? FAILED : {})),
  );
  await refresh(refresher);
  const [row] = await db.rows<{ calls: string[]; errors: string[]; begins_at_ms: string[] }>(
    "select calls, errors, begins_at_ms from rollup.call_history() where name = 'counted_tool'",
  );
  const total = (values: string[] = []) => values.reduce((sum, value) => sum + Number(value), 0);
  expect([total(row?.calls), total(row?.errors)]).toEqual([100, 10]);
  expect(row?.begins_at_ms).toEqual([...(row?.begins_at_ms ?? [])].sort());
});
