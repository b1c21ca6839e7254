import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pacer } from '../../../lambdas/deliver/pacer.ts';
import { MAX_WAIT_MS, waitMsAfter } from '../../../lambdas/deliver/schedule.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const receives = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer(), fc.constant(Number.NaN));
const HOUR = 3_600_000;

test('a notice waits longer from attempt to attempt, at random up to the time of the schedule', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((count) => waitMsAfter({ receives: count, random: 1 }));
  expect(longest).toEqual([5_000, 30_000, 300_000, HOUR / 2, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR, 10 * HOUR]);
  expect(waitMsAfter({ receives: 3, random: 0 })).toBe(0);
  expect(waitMsAfter({ receives: 3, random: 0.5 })).toBe(150_000);
});

test('a notice waits for as long as its channel asks for, and at most a tenth longer', () => {
  expect(waitMsAfter({ receives: 1, afterMs: 60_000, random: 0 })).toBe(60_000);
  expect(waitMsAfter({ receives: 9, afterMs: 60_000, random: 1 })).toBe(66_000);
  expect(waitMsAfter({ receives: 9, afterMs: 0, random: 1 })).toBe(1_000);
});

test('whatever a channel asks for, the wait is one that SQS takes', () => {
  const afterMs = fc.option(fc.oneof(fc.double({ noNaN: true }), fc.integer()), { nil: undefined });
  fc.assert(
    fc.property(receives, afterMs, random, (count, after, value) => {
      const waitMs = waitMsAfter({ receives: count, afterMs: after, random: value });
      expect(waitMs).toBeGreaterThanOrEqual(Math.min(Math.max(after ?? 0, 0), MAX_WAIT_MS));
      expect(waitMs).toBeLessThanOrEqual(MAX_WAIT_MS);
      expect(MAX_WAIT_MS).toBeLessThan(12 * HOUR);
    }),
  );
});

test('two batches at the same time, in whatever processes, do not exceed the rate of a channel', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 30 }),
      fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 30 }),
      async (requestsPerBatch, durations) => {
        const intervalMs = 1_000;
        const begun: number[] = [];
        const batches = [...requestsPerBatch];
        /** One of the two places in which Lambda runs batches; each batch is in a process that knows of no other. */
        const runBatches = async (place: { at: number }) => {
          for (let requests = batches.shift(); requests !== undefined; requests = batches.shift()) {
            const pacer = new Pacer(
              2 * intervalMs,
              () => place.at,
              async (ms) => {
                place.at += ms;
              },
            );
            for (let index = 0; index < requests; index += 1) {
              await pacer.next();
              begun.push(place.at);
              place.at += durations[begun.length % durations.length] ?? 0;
            }
            await pacer.rest();
          }
        };
        await Promise.all([runBatches({ at: 0 }), runBatches({ at: 0 })]);
        const times = begun.sort((one, other) => one - other);
        // Two may begin at the same moment, but never three within the time of two.
        for (let index = 2; index < times.length; index += 1) {
          expect((times[index] ?? 0) - (times[index - 2] ?? 0)).toBeGreaterThanOrEqual(2 * intervalMs);
        }
      },
    ),
  );
});
