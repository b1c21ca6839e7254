/**
 * In metric math: more failures of so many calls than one that just keeps this rate would have by chance, two standard
 * deviations. Without it what fails half as often as it may woke people ten times a day, whenever three failures of a hundred fell
 * together, and what fails just as often as it may, every other window.
 */
export const exceedsRateSignificantly = (errors: string, calls: string, rate: number): string => {
  const excess = `(${errors} - ${rate} * ${calls})`;
  return `${excess} * ${excess} >= ${+(4 * rate).toFixed(6)} * ${calls}`;
};

/**
 * So many failures in a window prove something however few the calls are, when they are most of them: of five calls that
 * all fail, 57 % at least would (the lower end of Wilson's 95 % interval). Without it a tool called thrice a minute could
 * fail altogether and wake nobody.
 */
export const MIN_CONCLUSIVE_ERRORS = 5;
