import { DEVIATIONS, skewnessOf } from '../../lambdas/contract/significance.ts';

/**
 * In metric math: errors are so far above this share of calls that a window has as many by chance less than once in a
 * thousand times, at any number of calls. Two such windows of three are chance less than once in six years, for a tool
 * that fails all the time exactly as often as it may.
 *
 * The bound is the quantile of a Poisson distribution, m + z √m + skewness. Metric math has no root, so both sides are
 * squared, and the sign is a condition.
 */
export const exceedsRateSignificantly = (
  errors: string,
  calls: string,
  rate: number,
  deviations: number = DEVIATIONS.twoOfThree,
): string => {
  const excess = `(${errors} - ${rate} * ${calls} - ${skewnessOf(deviations)})`;
  return `${excess} > 0 AND ${excess} * ${excess} >= ${+(deviations ** 2 * rate).toFixed(6)} * ${calls}`;
};
