/**
 * In metric math: errors are above this share of calls by two standard deviations or more of what random failures at
 * that rate bring. Without it a tool that fails half as often as it may would fire ten times a day, whenever three
 * errors fell into one window of a hundred calls, and one that fails exactly as often as it may would fire every other
 * window.
 */
export const exceedsRateSignificantly = (errors: string, calls: string, rate: number): string => {
  const excess = `(${errors} - ${rate} * ${calls})`;
  // The variance is that of a Poisson distribution, rate * calls. Squared, for metric math has no root: so the sign is
  // a condition.
  return `${errors} > ${rate} * ${calls} AND ${excess} * ${excess} >= ${+(4 * rate).toFixed(6)} * ${calls}`;
};

/**
 * This many errors in a window are conclusive however few the calls are, if they are at least half of them: of five
 * calls that all fail, the true rate is at least 57 % (the lower end of Wilson's 95 % interval). Without it a tool that
 * is called three times a minute could fail completely and notify no recipient.
 */
export const MIN_CONCLUSIVE_ERRORS = 5;
