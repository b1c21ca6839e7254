/**
 * In metric math: more failures of so many calls than one that just keeps this rate would have by chance, two standard
 * deviations. Without it what fails half as often as it may woke people ten times a day, whenever three failures of a hundred fell
 * together, and what fails just as often as it may, every other window.
 */
export const isNoChance = (errors: string, calls: string, rate: number): string => {
  const excess = `(${errors} - ${rate} * ${calls})`;
  return `${excess} * ${excess} >= ${+(4 * rate).toFixed(6)} * ${calls}`;
};
