import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../emulator/clock.ts';
import { createBand } from '../../../emulator/cloudwatch/anomaly-band.ts';

const QUARTER_MS = HOUR_MS / 4;
const NOON = Date.UTC(2026, 10, 20, 12);

/** The upper edge, at a time, of a band of four standard deviations around a past that began `hoursKnown` before. */
const edgeAt = (at: number, valueAt: (start: number) => number, hoursKnown: number) =>
  createBand(4, QUARTER_MS)([at], (starts) =>
    starts.map((start) => (start >= at - hoursKnown * HOUR_MS ? valueAt(start) : undefined)),
  )[0];
const isNight = (at: number) => Math.floor(at / HOUR_MS) % 24 === 2;

test('with a past of less than three hours there is no band', () => {
  expect(edgeAt(NOON, () => 1, 2.75)).toBeUndefined();
  expect(edgeAt(NOON, () => 1, 3)).toBe(1);
});

test('the upper edge is the given number of standard deviations above the mean', () => {
  const alternating = (start: number) => (start / QUARTER_MS) % 2;
  expect(edgeAt(NOON, alternating, 24)).toBeCloseTo(0.5 + 4 * 0.5, 6);
});

test('a value that occurs every night at two is expected at two, and not at noon', () => {
  const nightly = (start: number) => (isNight(start) ? 0.4 : 0.02);
  const atTwo = NOON + 14 * HOUR_MS;
  expect(edgeAt(atTwo, nightly, 96)).toBeCloseTo(0.4, 6);
  expect(edgeAt(NOON, nightly, 96)).toBeCloseTo(0.02, 6);
});

test('with less than three days of past, all hours count alike', () => {
  const nightly = (start: number) => (isNight(start) ? 0.4 : 0.02);
  expect(edgeAt(NOON, nightly, 48)).toBeGreaterThan(0.2);
});

test('values older than two weeks are ignored', () => {
  const longAgo = (start: number) => (start < NOON - 14 * DAY_MS ? 1 : 0);
  expect(edgeAt(NOON, longAgo, 20 * 24)).toBe(0);
});

test('the evaluated windows are not learned from, and the past is learned again every hour', () => {
  const band = createBand(4, QUARTER_MS);
  const lastStarts: number[] = [];
  const readPast = (starts: number[]) => {
    lastStarts.push(starts.at(-1) ?? 0);
    return starts.map(() => 0);
  };
  for (let at = NOON; at <= NOON + HOUR_MS; at += QUARTER_MS) band([at - QUARTER_MS, at], readPast);
  expect(lastStarts).toEqual([NOON - 2 * QUARTER_MS, NOON + HOUR_MS - 2 * QUARTER_MS]);
});
