/**
 * How many standard deviations a count must be above what is allowed, for two windows of three to be bad, and for three
 * of six: `npm run bench -- alarms` shows how often that is chance.
 */
export const DEVIATIONS = { twoOfThree: 3.2, threeOfSix: 2.4 } as const;

/**
 * What the quantile of a Poisson distribution has beside its mean and so many standard deviations, because it is not
 * symmetric: the first term of Cornish and Fisher's expansion, (z² - 1) / 6.
 */
export const skewnessOf = (deviations: number): number => +((deviations ** 2 - 1) / 6).toFixed(2);

/** Whether a count is so far above what is expected that it is no chance. */
export const exceedsSignificantly = (count: number, expected: number): boolean =>
  count >= expected + DEVIATIONS.twoOfThree * Math.sqrt(expected) + skewnessOf(DEVIATIONS.twoOfThree);
