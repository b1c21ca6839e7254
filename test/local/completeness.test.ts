import { afterAll, beforeAll, expect, test } from 'vitest';
import type { QuarterCompleteness } from '../../lambdas/completeness/index.ts';
import { type LocalRun, localRun } from '../support/local-run.ts';
import { errors, invoke, toolCall } from '../support/through-cloud.ts';

let local: LocalRun;
beforeAll(async () => {
  local = await localRun();
});
afterAll(() => local?.stop());

const HOUR_MS = 60 * 60_000;
const search = () => invoke(local.cloud, 'gateway', toolCall('regex_search', { pattern: 'a', text: 'a' }));

/** What the function says of the present hour: its worst quarter, or one with nothing missing. */
const completeness = async () => {
  const hour = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS).toISOString();
  const { payload, failed } = await invoke(local.cloud, 'completeness', { hour });
  expect(failed).toBe(false);
  const quarters: QuarterCompleteness[] = JSON.parse(payload);
  expect(quarters).toHaveLength(4);
  return quarters.toSorted((a, b) => a.pct - b.pct)[0];
};

const rows = async () =>
  Number((await local.rows("select count(*) from analytics.invocations where kind = 'tool'"))[0]?.count);

test('calls that arrive are complete, a call of an unknown tool among them, and the figure is a metric', async () => {
  await search();
  await search();
  await invoke(local.cloud, 'gateway', toolCall('no_such_tool', {}));
  await expect.poll(rows).toBe(3);
  expect(await completeness()).toMatchObject({ pct: 100, shortfalls: [] });
  expect(local.cloud.metrics.find('Toolwatch', 'completeness_pct')).toMatchObject([
    { dimensions: { service: 'toolwatch' } },
  ]);
});

test('the clock starts it', async () => {
  await expect.poll(() => errors(local.cloud, 'completeness')).toBe(0);
});

test('a row that is gone is missing', async () => {
  const keyed = 'select event_id from analytics.invocations where name = $1 order by 1 limit 1';
  await local.rows(`delete from analytics.invocations where event_id = (${keyed})`, ['regex_search']);
  expect(await completeness()).toMatchObject({
    pct: 50,
    shortfalls: [{ tool: 'regex_search', calls: 2, missing_metrics: 0, missing_rows: 1 }],
  });
});
