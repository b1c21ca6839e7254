import { expect, test } from 'vitest';
import { createBand } from '../../../emulator/cloudwatch/anomaly-band.ts';

const HOUR = 3_600_000;
const QUARTER = HOUR / 4;
const NOON = Date.UTC(2026, 10, 20, 12);

/** The upper edge, at a time, of a band four deviations wide around a past that began so many hours before. */
const edgeAt = (at: number, valueAt: (start: number) => number, hoursKnown: number) =>
  createBand(4, QUARTER)([at], (starts) =>
    starts.map((start) => (start >= at - hoursKnown * HOUR ? valueAt(start) : undefined)),
  )[0];
const isNight = (at: number) => Math.floor(at / HOUR) % 24 === 2;

test('without three hours of a past there is no band', () => {
  expect(edgeAt(NOON, () => 1, 2.75)).toBeUndefined();
  expect(edgeAt(NOON, () => 1, 3)).toBe(1);
});

test('a band is so many standard deviations above the mean', () => {
  const everyOther = (start: number) => (start / QUARTER) % 2;
  expect(edgeAt(NOON, everyOther, 24)).toBeCloseTo(0.5 + 4 * 0.5, 6);
});

test('what happens every night at two is expected at two, and not at noon', () => {
  const nightly = (start: number) => (isNight(start) ? 0.4 : 0.02);
  const atTwo = NOON + 14 * HOUR;
  expect(edgeAt(atTwo, nightly, 96)).toBeCloseTo(0.4, 6);
  expect(edgeAt(NOON, nightly, 96)).toBeCloseTo(0.02, 6);
});

test('while few days are known the hour tells nothing', () => {
  const nightly = (start: number) => (isNight(start) ? 0.4 : 0.02);
  expect(edgeAt(NOON, nightly, 48)).toBeGreaterThan(0.2);
});

test('a past of more than two weeks is forgotten', () => {
  const longAgo = (start: number) => (start < NOON - 14 * 24 * HOUR ? 1 : 0);
  expect(edgeAt(NOON, longAgo, 20 * 24)).toBe(0);
});

test('what is judged is not learned from, and the past is learned anew every hour', () => {
  const band = createBand(4, QUARTER);
  const asked: number[] = [];
  const pastOf = (starts: number[]) => {
    asked.push(starts.at(-1) ?? 0);
    return starts.map(() => 0);
  };
  for (let at = NOON; at <= NOON + HOUR; at += QUARTER) band([at - QUARTER, at], pastOf);
  expect(asked).toEqual([NOON - 2 * QUARTER, NOON + HOUR - 2 * QUARTER]);
});
