import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIsoTime } from '../../../lambdas/observe/line/iso-time.ts';

const MAX_TIME_MS = 8.64e15;

test('a time is written as JavaScript writes it, in any year', () => {
  const anyTime = fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.getTime()),
    fc.double({ min: -MAX_TIME_MS, max: MAX_TIME_MS, noNaN: true }),
    fc.integer({ min: 0, max: 4_102_444_800_000 }),
  );
  fc.assert(
    fc.property(anyTime, (atMs) => {
      expect(formatIsoTime(atMs)).toBe(new Date(atMs).toISOString());
    }),
  );
});

test('what is no time is refused as JavaScript refuses it', () => {
  for (const atMs of [Number.NaN, Infinity, MAX_TIME_MS + 1]) expect(() => formatIsoTime(atMs)).toThrow(RangeError);
});
