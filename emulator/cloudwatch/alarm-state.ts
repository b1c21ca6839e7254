/** How an alarm judges its datapoints: documented under "Alarm evaluation" and "Configuring how alarms treat missing data". */

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface AlarmEvaluation {
  /** How many of the last `windows` must breach. */
  badWindows: number;
  windows: number;
  breaches: (value: number) => boolean;
  missing: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
}

/** What one window showed; undefined when nothing was published in it. */
export type Datapoint = number | undefined;

/** An alarm looks at more windows than it judges, so that a late or missing one need not decide. */
export const EXTRA_WINDOWS = 2;

/**
 * CloudWatch does not raise an alarm over a single fresh datapoint beside nothing: what breached first must be at least
 * as old as the number of windows that must be bad.
 */
const isPremature = (points: readonly Datapoint[], { badWindows }: AlarmEvaluation): boolean => {
  const oldest = points.findIndex((point) => point !== undefined);
  return points.length - oldest < badWindows;
};

/** The state that follows from the datapoints, oldest first, `windows + EXTRA_WINDOWS` of them. */
export const evaluateAlarm = (points: readonly Datapoint[], rule: AlarmEvaluation, current: AlarmState): AlarmState => {
  const { badWindows, windows, breaches, missing } = rule;
  const real = points.filter((point): point is number => point !== undefined);
  const judged = real.slice(-windows);
  const bad = judged.filter(breaches).length;
  const absent = windows - judged.length;
  if (absent === 0) return bad >= badWindows ? 'ALARM' : 'OK';
  if (missing === 'breaching') return bad + absent >= badWindows ? 'ALARM' : 'OK';
  if (missing === 'notBreaching') return bad >= badWindows ? 'ALARM' : 'OK';
  if (judged.length === 0) return missing === 'missing' ? 'INSUFFICIENT_DATA' : current;
  if (bad >= badWindows) return 'ALARM';
  if (bad < judged.length) return 'OK';
  return missing === 'ignore' || isPremature(points, rule) ? current : 'ALARM';
};

interface Comparison {
  words: string;
  against: 'threshold' | 'band';
  /** By how much a value is over its band's edge is compared with nothing. */
  breaches: (value: number, threshold: number) => boolean;
}

const COMPARISONS: Record<string, Comparison> = {
  GreaterThanThreshold: {
    words: 'greater than',
    against: 'threshold',
    breaches: (value, threshold) => value > threshold,
  },
  GreaterThanUpperThreshold: { words: 'greater than', against: 'band', breaches: (over) => over > 0 },
  GreaterThanOrEqualToThreshold: {
    words: 'greater than or equal to',
    against: 'threshold',
    breaches: (value, threshold) => value >= threshold,
  },
  LessThanThreshold: { words: 'less than', against: 'threshold', breaches: (value, threshold) => value < threshold },
  LessThanOrEqualToThreshold: {
    words: 'less than or equal to',
    against: 'threshold',
    breaches: (value, threshold) => value <= threshold,
  },
};

/** Throws, by name, for an operator nobody here knows. */
export const comparisonNamed = (name: string) => {
  const known = COMPARISONS[name];
  if (!known) throw new Error(`The local run does not know the comparison ${name}`);
  return known;
};

/**
 * Below so many values a percentile means nothing: 10 / (1 - p) above the median, 10 / p below it
 * (documented under "Percentile-based alarms and low data samples").
 */
export const samplesNeeded = (percentile: number): number => {
  const share = percentile / 100;
  return share >= 0.5 ? Math.ceil(+(10 / (1 - share)).toFixed(6)) : Math.ceil(10 / share);
};
