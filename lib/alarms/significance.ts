/** How many standard deviations a count must be above what is allowed: in two windows of three, and in three of six. */
export const DEVIATIONS = { twoOfThree: 3.2, threeOfSix: 2.4 };

/**
 * In metric math: errors are so far above this share of calls that a window has as many by chance less than once in a
 * thousand times, at any number of calls. Two such windows of three are chance less than once in six years, for a tool
 * that fails all the time exactly as often as it may; `npm run bench -- alarms` shows it.
 *
 * The bound is the quantile of a Poisson distribution by Cornish and Fisher, which takes its skewness into account:
 * m + z √m + (z² − 1) / 6. Metric math has no root, so both sides are squared, and the sign is a condition.
 */
export const exceedsRateSignificantly = (
  errors: string,
  calls: string,
  rate: number,
  deviations = DEVIATIONS.twoOfThree,
): string => {
  const skewness = +((deviations ** 2 - 1) / 6).toFixed(2);
  const excess = `(${errors} - ${rate} * ${calls} - ${skewness})`;
  return `${excess} > 0 AND ${excess} * ${excess} >= ${+(deviations ** 2 * rate).toFixed(6)} * ${calls}`;
};

/**
 * This many errors in a window are enough however few the calls are, if they are at least half of them and significant.
 * Without it a tool that is called three times a minute could fail completely and notify no recipient.
 */
export const MIN_CONCLUSIVE_ERRORS = 5;
