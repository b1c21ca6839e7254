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

/**
 * This many errors in a window are enough however few the calls are, if they are at least half of them and significant.
 * Without it a tool that is called three times a minute could fail completely and notify no recipient.
 */
export const MIN_CONCLUSIVE_ERRORS = 5;

/** The share of calls that is slower than the 95th percentile. */
export const BEYOND_P95 = 0.05;

/**
 * How many windows of a tool's alarms must be bad, of how many. A warning takes longer than a deployment's cold starts
 * last.
 */
export const BAD_WINDOWS = { failing: { bad: 2, of: 3 }, slow: { bad: 3, of: 6 } } as const;

const exceedsRate = (count: number, calls: number, rate: number, deviations: number): boolean => {
  const excess = count - rate * calls - skewnessOf(deviations);
  return excess > 0 && excess * excess >= +(deviations ** 2 * rate).toFixed(6) * calls;
};

interface WindowLimits {
  readonly minCalls: number;
  readonly minErrors: number;
}

/** Whether the alarm `failing` finds a window bad, as its metric math says it. */
export const isFailingWindow = (
  { calls, errors }: { readonly calls: number; readonly errors: number },
  { rate, minCalls, minErrors }: WindowLimits & { readonly rate: number },
): boolean =>
  ((calls >= minCalls && errors >= minErrors) ||
    (errors >= Math.max(MIN_CONCLUSIVE_ERRORS, minErrors) && 2 * errors >= calls)) &&
  exceedsRate(errors, calls, rate, DEVIATIONS.twoOfThree) &&
  errors / calls > rate;

/** Whether the alarm `slow` finds a window bad: significantly more than one call in twenty took longer than its limit. */
export const isSlowWindow = (
  { calls, slow }: { readonly calls: number; readonly slow: number },
  { minErrors }: Pick<WindowLimits, 'minErrors'>,
): boolean => slow >= minErrors && exceedsRate(slow, calls, BEYOND_P95, DEVIATIONS.threeOfSix);
