import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../bench/statistics/random.ts';
import { evaluateBurnRate, FAST_PACES, SLOW_PACES } from '../../../lambdas/refresh/verdicts/burn-rate.ts';
import { evaluateCallVolume } from '../../../lambdas/refresh/verdicts/call-volume.ts';
import { evaluateName } from '../../../lambdas/refresh/verdicts/evaluate-names.ts';
import { evaluateFailingRate } from '../../../lambdas/refresh/verdicts/failing-rate.ts';
import type { Bucket } from '../../../lambdas/refresh/verdicts/history.ts';
import { haveCallsStopped } from '../../../lambdas/refresh/verdicts/stopped-calls.ts';

const HOUR_MS = 3_600_000;
const FIVE_MINUTES_MS = 300_000;
/** A Wednesday. */
const START = Date.parse('2026-11-04T00:00:00Z');

/** Buckets one after the other, each with its calls and errors. */
const history = (ms: number, counts: readonly (readonly [calls: number, errors: number])[], from = START): Bucket[] =>
  counts.flatMap(([calls, errors], index) =>
    calls > 0 ? [{ at: from + index * ms, ms, calls, errors, allCalls: calls }] : [],
  );
const repeat = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);
const endOf = (buckets: readonly Bucket[]): number => (buckets.at(-1)?.at ?? START) + (buckets.at(-1)?.ms ?? 0);

describe('a tool that is called once an hour', () => {
  const good = repeat(200, [1, 0] as const);
  const evaluateAfter = (...more: (readonly [number, number])[]) => {
    const buckets = history(HOUR_MS, [...good, ...more]);
    return evaluateFailingRate(buckets, 0.02, endOf(buckets));
  };

  test('is reported with its third failure in a row, and not with the second', () => {
    expect(evaluateAfter([1, 1], [1, 1])).toBe('none');
    expect(evaluateAfter([1, 1], [1, 1], [1, 1])).toBe('holds');
  });

  test('is over when two calls have succeeded, and not before', () => {
    const failures = repeat(4, [1, 1] as const);
    expect(evaluateAfter(...failures, [1, 0])).toBe('holds');
    expect(evaluateAfter(...failures, [1, 0], [1, 0])).toBe('over');
  });

  test('is quiet, and not over, when nobody calls it any more', () => {
    const buckets = history(HOUR_MS, [...good, ...repeat(4, [1, 1] as const)]);
    expect(evaluateFailingRate(buckets, 0.02, endOf(buckets) + 5 * HOUR_MS)).toBe('holds');
    expect(evaluateFailingRate(buckets, 0.02, endOf(buckets) + 30 * HOUR_MS)).toBe('none');
  });
});

test('of twelve calls an hour of which each third fails, five failures are enough, and four are not', () => {
  const buckets = (failures: number) => {
    const calls = Array.from({ length: 3 * failures - 2 }, (_, index) => [1, index % 3 === 0 ? 1 : 0] as const);
    return history(FIVE_MINUTES_MS, [...repeat(12 * 24 * 7, [1, 0] as const), ...calls]);
  };
  const evaluate = (history: Bucket[]) => evaluateFailingRate(history, 0.02, endOf(history));
  expect([4, 5].map((failures) => evaluate(buckets(failures)))).toEqual(['none', 'holds']);
});

test('of sixty calls an hour that fail half as often again as they may, three days are enough', () => {
  const good = repeat(24 * 14, [60, 1] as const);
  // Nine failures in five hours.
  const bad = Array.from({ length: 72 }, (_, hour) => [60, hour % 5 === 4 ? 1 : 2] as const);
  const buckets = history(HOUR_MS, [...good, ...bad]);
  expect(evaluateFailingRate(buckets, 0.02, endOf(buckets))).toBe('holds');
});

test('a tool that fails half as often again as it may is found, at any rate of calls', () => {
  for (const perHour of [12, 600, 6_000]) {
    const hours = repeat(24 * 14, [perHour, Math.round(perHour * 0.01)] as const);
    const bad = repeat(Math.ceil(40_000 / perHour), [perHour, Math.ceil(perHour * 0.035)] as const);
    const buckets = history(HOUR_MS, [...hours.slice(bad.length), ...bad]);
    expect([perHour, evaluateFailingRate(buckets, 0.02, endOf(buckets))]).toEqual([perHour, 'holds']);
  }
});

test('one burst of failures is one event, however many they are', () => {
  const buckets = history(FIVE_MINUTES_MS, [
    ...repeat(500, [150, 1] as const),
    [150, 30],
    ...repeat(5, [150, 0] as const),
  ]);
  for (let last = 495; last < buckets.length; last += 1)
    expect(evaluateFailingRate(buckets.slice(0, last + 1), 0.05, endOf(buckets.slice(0, last + 1)))).toBe('none');
});

test.each([
  [0.02, 1],
  [0.02, 12],
  [0.1, 6],
])(
  'of a hundred tools that fail exactly as often as they may, %f, in %i calls an hour, less than one in ten is reported in a quarter',
  (allowedRate, perHour) => {
    const random = createRandom(7);
    let reported = 0;
    for (let tool = 0; tool < 100; tool += 1) {
      const counts = Array.from({ length: 24 * 91 }, () => {
        const errors = Array.from({ length: perHour }, random).filter((value) => value < allowedRate).length;
        return [perHour, errors] as const;
      });
      const buckets = history(HOUR_MS, counts);
      let was = false;
      for (let until = 24 * 14; until <= buckets.length; until += 24 * 7) {
        const window = buckets.slice(until - 24 * 14, until);
        // Once a week is enough to find those that were reported in it: a verdict holds until good calls prove the contrary.
        was ||= evaluateFailingRate(window, allowedRate, endOf(window)) !== 'none';
      }
      if (was) reported += 1;
    }
    expect(reported).toBeLessThan(10);
  },
);

describe('an error budget', () => {
  const spend = (perFiveMinutes: readonly number[]) =>
    history(
      FIVE_MINUTES_MS,
      perFiveMinutes.map((errors) => [150, errors] as const),
    );

  test('is not burning for one bad minute', () => {
    const buckets = spend([...repeat(100, 0), 30, 0]);
    expect(evaluateBurnRate(buckets, 0.999, FAST_PACES, endOf(buckets))).toBe('none');
  });

  test('burns fast when a fiftieth of all calls fails for an hour, and that is over soon after it ends', () => {
    const burning = spend([...repeat(100, 0), ...repeat(12, 3)]);
    expect(evaluateBurnRate(burning, 0.999, FAST_PACES, endOf(burning))).toBe('holds');
    const over = spend([...repeat(100, 0), ...repeat(12, 3), ...repeat(24, 0)]);
    expect(evaluateBurnRate(over, 0.999, FAST_PACES, endOf(over))).not.toBe('holds');
  });

  test('burns fast at six times the objective within six and a half hours', () => {
    const buckets = history(
      FIVE_MINUTES_MS,
      repeat(6.5 * 12, 0).map((_, index) => [300, index % 10 < 8 ? 2 : 1] as const),
    );
    expect(evaluateBurnRate(buckets, 0.999, FAST_PACES, endOf(buckets))).toBe('holds');
  });

  test('burns slowly at four times the objective for a day', () => {
    const buckets = history(HOUR_MS, repeat(26, [1_800, 7] as const));
    const recent = history(
      FIVE_MINUTES_MS,
      repeat(24, 0).map((_, index) => [150, index % 2] as const),
      endOf(buckets),
    );
    const all = [...buckets, ...recent];
    expect(evaluateBurnRate(all, 0.999, SLOW_PACES, endOf(all))).toBe('holds');
  });
});

describe('calls have vanished', () => {
  const days = (count: number, perHour: (hour: number) => number, from = START) =>
    history(
      HOUR_MS,
      Array.from({ length: 24 * count }, (_, hour) => [perHour(hour % 24), 0] as const),
      from,
    );
  const today = (minutes: number, perFiveMinutes: (minute: number) => number, from: number) =>
    history(
      FIVE_MINUTES_MS,
      Array.from({ length: minutes / 5 }, (_, index) => [perFiveMinutes(index * 5), 0] as const),
      from,
    );
  const usual = days(1, () => 3_600);

  test('when half an hour has a tenth of what is usual at that time', () => {
    const now = today(12 * 60, (minute) => (minute < 11 * 60 ? 300 : 30), endOf(usual));
    expect(evaluateCallVolume([...usual, ...now], endOf(now))).toBe('holds');
  });

  test('not when every night is as quiet, nor at a weekend that is quiet from its beginning', () => {
    const nights = days(2, (hour) => (hour < 6 ? 60 : 3_600));
    const night = today(60, () => 5, endOf(nights));
    expect(evaluateCallVolume([...nights, ...night], endOf(night))).not.toBe('holds');
    const weekdays = days(3, () => 3_600);
    const saturday = today(12 * 60, () => 20, endOf(weekdays));
    expect(evaluateCallVolume([...weekdays, ...saturday], endOf(saturday))).toBe('none');
  });

  test('and are back when there is half of what is usual', () => {
    const now = today(12 * 60, (minute) => (minute < 10 * 60 || minute >= 11 * 60 ? 300 : 30), endOf(usual));
    expect(evaluateCallVolume([...usual, ...now], endOf(now))).toBe('over');
  });
});

test('calls that were many and are none have stopped; those that became fewer have not', () => {
  const many = history(FIVE_MINUTES_MS, repeat(12, [100, 0] as const));
  expect(haveCallsStopped(many, endOf(many) + 5 * 60_000)).toBe(false);
  expect(haveCallsStopped(many, endOf(many) + 10 * 60_000)).toBe(true);
  const few = history(FIVE_MINUTES_MS, [...repeat(12, [100, 0] as const), [40, 0], [10, 0], [3, 0]]);
  expect(haveCallsStopped(few, endOf(few) + HOUR_MS)).toBe(false);
  expect(haveCallsStopped([], START)).toBe(false);
});

test('any history is evaluated, without an error, and nothing is wrong where nothing fails', () => {
  const buckets = fc
    .array(fc.record({ calls: fc.nat(1e6), share: fc.double({ min: 0, max: 1, noNaN: true }), gap: fc.nat(50) }), {
      maxLength: 80,
    })
    .map((given) => {
      let at = START;
      return given.map(({ calls, share, gap }): Bucket => {
        at += (gap + 1) * FIVE_MINUTES_MS;
        return { at, ms: FIVE_MINUTES_MS, calls, errors: Math.floor(calls * share), allCalls: calls };
      });
    });
  const limits = fc.record({
    errorRate: fc.constantFrom(0, 0.001, 0.02, 0.4, 0.999, 1),
    objective: fc.constantFrom(undefined, 0.95, 0.9999),
  });
  fc.assert(
    fc.property(buckets, limits, fc.nat(1e9), (given, allowed, later) => {
      const now = endOf(given) + later;
      const evaluated = evaluateName(given, allowed, now);
      const fine = evaluateName(
        given.map((bucket) => ({ ...bucket, errors: 0 })),
        allowed,
        now,
      );
      for (const verdict of Object.values(evaluated)) expect(['holds', 'over', 'none']).toContain(verdict);
      expect([fine.trickle, fine.burningFast, fine.burningSlowly]).toEqual(['none', 'none', 'none']);
    }),
    { numRuns: 300 },
  );
});
