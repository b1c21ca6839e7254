import { MIN_CONCLUSIVE_ERRORS } from '../../lambdas/contract/significance.ts';
import { exceedsRateSignificantly } from './significance.ts';

interface Failing {
  /** Ids or expressions of the calls and of the errors among them, in one window. */
  readonly calls: string;
  readonly errors: string;
  readonly minCalls: number;
  readonly minErrors: number;
  /** The share of calls that may fail, 0 to 1. */
  readonly rate: number;
}

/**
 * In metric math, a condition that binds as one operand: calls fail too often. There are enough calls and errors, or
 * many errors that are at least half of the calls; and errors are significantly above the rate.
 */
export function failsTooOften({ calls, errors, minCalls, minErrors, rate }: Failing): string {
  const enough = `${calls} >= ${minCalls} AND ${errors} >= ${minErrors}`;
  const conclusive = `${errors} >= ${Math.max(MIN_CONCLUSIVE_ERRORS, minErrors)} AND 2 * ${errors} >= ${calls}`;
  return `(((${enough}) OR (${conclusive})) AND ${exceedsRateSignificantly(errors, calls, rate)})`;
}
