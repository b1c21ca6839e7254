import { describe, expect, test } from 'vitest';
import { retryAfterMs } from '../../../lambdas/worker/retry-policy.ts';

const DAY_MS = 86_400_000;
const failed = { code: 'UPSTREAM_ERROR', retryable: true, mayHaveRun: true } as const;
const first = { attempt: 1, max_attempts: 8, isRepeatable: true };

describe('when a job is tried again', () => {
  test('eight attempts take about a day, whatever chance adds', () => {
    const sumOf = (random: number) =>
      Array.from({ length: 7 }, (_, at) => retryAfterMs(failed, { ...first, attempt: at + 1 }, random) ?? 0).reduce(
        (sum, ms) => sum + ms,
      );
    for (const random of [0, 0.5, 1]) {
      expect(sumOf(random)).toBeGreaterThan(DAY_MS / 2);
      expect(sumOf(random)).toBeLessThan(DAY_MS * 1.5);
    }
    expect(retryAfterMs(failed, { ...first, attempt: 8 }, 0.5)).toBeUndefined();
  });

  test('each wait is longer than the one before, up to hours', () => {
    const waits = [1, 2, 3, 4, 5, 6].map((attempt) => retryAfterMs(failed, { ...first, attempt }, 0.5) ?? 0);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(retryAfterMs(failed, { ...first, attempt: 19, max_attempts: 20 }, 1)).toBeLessThan(DAY_MS / 2);
  });

  test('never what cannot pass, and what may have had an effect only where it may be repeated', () => {
    expect(retryAfterMs({ ...failed, retryable: false }, first, 0.5)).toBeUndefined();
    expect(retryAfterMs(failed, { ...first, isRepeatable: false }, 0.5)).toBeUndefined();
    expect(retryAfterMs({ ...failed, mayHaveRun: false }, { ...first, isRepeatable: false }, 0.5)).toBeGreaterThan(0);
  });
});
