import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { windowOfIncident } from '../../../dashboard/parts/incidents-table.tsx';
import { callsQuery } from '../../../lambdas/contract/api/calls.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const NOW = Date.parse('2026-11-30T10:00:00.000Z');

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

const openFor = (ms: number) => windowOfIncident({ began_at: new Date(NOW - ms).toISOString(), ended_at: null }, NOW);

test.each([
  ['an hour', DAY_MS / 24],
  ['nearly seven days', 7 * DAY_MS - 10 * MINUTE_MS],
  ['seven days', 7 * DAY_MS],
  ['a month', 30 * DAY_MS],
])('the api answers about the calls of what is open for %s, also long after the link was made', (_, ms) => {
  const window = openFor(ms);
  vi.setSystemTime(NOW + 8 * 3_600_000);
  expect(callsQuery.safeParse(window).error?.issues).toBeUndefined();
});

test('the calls of what is open have no end, unless it is open nearly as long as a window may be', () => {
  expect(openFor(DAY_MS)).toEqual({ from: '2026-11-29T09:55:00.000Z' });
  expect(openFor(30 * DAY_MS)).toEqual({ from: '2026-11-23T10:00:00.000Z', to: '2026-11-30T10:00:00.000Z' });
});

test('the calls of what lasted long are its newest', () => {
  const ends = { began_at: '2026-11-01T00:00:00.000Z', ended_at: '2026-11-20T00:00:00.000Z' };
  const window = windowOfIncident(ends, NOW);
  expect(window).toEqual({ from: '2026-11-13T00:05:00.000Z', to: '2026-11-20T00:05:00.000Z' });
  expect(callsQuery.safeParse(window).success).toBe(true);
});
