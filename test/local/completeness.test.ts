import { afterAll, beforeAll, expect, test } from 'vitest';
import type { QuarterCompleteness } from '../../lambdas/completeness/index.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';
import { countErrors, invoke, toolCall } from '../support/through-cloud.ts';

let local: LocalRun;
beforeAll(async () => {
  local = await startLocalRun();
});
afterAll(() => local?.stop());

const HOUR_MS = 60 * 60_000;
const callSearch = () => invoke(local.cloud, 'gateway', toolCall('regex_search', { pattern: 'a', text: 'a' }));

const startOfHour = () => new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS).toISOString();
/** The hour of the calls, which may be over when they are looked at. */
let hour: string;

/** What the function reports of the least complete quarter of that hour. */
const checkCompleteness = async () => {
  const { payload, failed } = await invoke(local.cloud, 'completeness', { hour });
  expect(failed).toBe(false);
  const quarters: QuarterCompleteness[] = JSON.parse(payload);
  expect(quarters).toHaveLength(4);
  return quarters.toSorted((a, b) => a.pct - b.pct)[0];
};

const rows = async () =>
  Number((await local.rows("select count(*) from analytics.invocations where kind = 'tool'"))[0]?.count);

test('stored calls are complete, including a call of an unknown tool, and the percentage is a metric', async () => {
  hour = startOfHour();
  await callSearch();
  await callSearch();
  await invoke(local.cloud, 'gateway', toolCall('no_such_tool', {}));
  await expect.poll(rows).toBe(3);
  expect(await checkCompleteness()).toMatchObject({ pct: 100, shortfalls: [] });
  expect(local.cloud.metrics.find('Toolwatch', 'completeness_pct')).toMatchObject([
    { dimensions: { service: 'toolwatch' } },
  ]);
});

test('its schedule starts it', async () => {
  await expect.poll(() => countErrors(local.cloud, 'completeness')).toBe(0);
});

test('a row that was deleted is reported as missing', async () => {
  const firstCall = 'select event_id from analytics.invocations where name = $1 order by 1 limit 1';
  await local.rows(`delete from analytics.invocations where event_id = (${firstCall})`, ['regex_search']);
  expect(await checkCompleteness()).toMatchObject({
    pct: 50,
    shortfalls: [{ tool: 'regex_search', calls: 2, missing_metrics: 0, missing_rows: 1 }],
  });
});
