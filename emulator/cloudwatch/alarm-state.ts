/**
 * How an alarm evaluates its datapoints: documented under "Alarm evaluation" and "Configuring how CloudWatch alarms
 * treat missing data".
 */

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** When an alarm's datapoints put it into ALARM. */
export interface AlarmEvaluation {
  /** How many of the last `windows` must breach: `DatapointsToAlarm`. */
  breachingWindows: number;
  /** `EvaluationPeriods`. */
  windows: number;
  breaches: (value: number) => boolean;
  missingData: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
}

/** The value of one window; undefined when nothing was published in it. */
export type Datapoint = number | undefined;

/** An alarm reads more windows than it evaluates, so that one late or missing datapoint does not decide its state. */
export const EXTRA_WINDOWS = 2;

/**
 * CloudWatch does not raise an alarm over a single new datapoint with nothing before it: the oldest datapoint must be
 * at least as old as the number of windows that must breach.
 */
const isPremature = (points: readonly Datapoint[], { breachingWindows }: AlarmEvaluation): boolean => {
  const oldest = points.findIndex((point) => point !== undefined);
  return points.length - oldest < breachingWindows;
};

/** The state that follows from `windows + EXTRA_WINDOWS` datapoints, oldest first. */
export const evaluateAlarm = (
  points: readonly Datapoint[],
  evaluation: AlarmEvaluation,
  current: AlarmState,
): AlarmState => {
  const { breachingWindows, windows, breaches, missingData } = evaluation;
  const present = points.filter((point): point is number => point !== undefined);
  const evaluated = present.slice(-windows);
  const breaching = evaluated.filter(breaches).length;
  const missing = windows - evaluated.length;
  if (missing === 0) return breaching >= breachingWindows ? 'ALARM' : 'OK';
  if (missingData === 'breaching') return breaching + missing >= breachingWindows ? 'ALARM' : 'OK';
  if (missingData === 'notBreaching') return breaching >= breachingWindows ? 'ALARM' : 'OK';
  if (evaluated.length === 0) return missingData === 'missing' ? 'INSUFFICIENT_DATA' : current;
  if (breaching >= breachingWindows) return 'ALARM';
  if (breaching < evaluated.length) return 'OK';
  return missingData === 'ignore' || isPremature(points, evaluation) ? current : 'ALARM';
};

interface Comparison {
  words: string;
  against: 'threshold' | 'band';
  /** With a band, `value` is how far the metric is above the band's upper edge, and the threshold is unused. */
  breaches: (value: number, threshold: number) => boolean;
}

const COMPARISONS: Record<string, Comparison> = {
  GreaterThanThreshold: {
    words: 'greater than',
    against: 'threshold',
    breaches: (value, threshold) => value > threshold,
  },
  GreaterThanUpperThreshold: { words: 'greater than', against: 'band', breaches: (excess) => excess > 0 },
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

/** Throws, naming the operator, when the emulator does not support it. */
export const findComparison = (operator: string): Comparison => {
  const comparison = COMPARISONS[operator];
  if (!comparison) throw new Error(`The emulator does not support the comparison ${operator}`);
  return comparison;
};

/**
 * With fewer values than this a percentile means nothing: 10 / (1 - p) from the median up, 10 / p below it
 * (documented under "Percentile-based alarms and low data samples").
 */
export const minSamplesFor = (percentile: number): number => {
  const share = percentile / 100;
  // Rounded first: in floating point 10 / (1 - 0.9) is a little over 100.
  return share >= 0.5 ? Math.ceil(+(10 / (1 - share)).toFixed(6)) : Math.ceil(10 / share);
};
