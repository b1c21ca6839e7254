import type { AlarmDefinition, DatapointSource, MetricStat } from './alarm-definition.ts';
import { type Datapoint, EXTRA_WINDOWS } from './alarm-state.ts';
import type { Band } from './anomaly-band.ts';
import type { MissingOperand, Series } from './metric-math.ts';
import type { Metrics } from './metrics.ts';
import { runInsights } from './metrics-insights.ts';

/** The datapoints that an alarm, or one contributor of it, is evaluated by, oldest first. */
export interface AlarmSeries {
  /** The value of the dimension that the alarm groups by; empty when it does not group. */
  contributor: Readonly<Record<string, string>>;
  points: Datapoint[];
  /** Present when the alarm has a band: then `points` are how far `values` are above `upper`, the band's upper edge. */
  band?: { values: Datapoint[]; upper: Datapoint[] };
  /** The newest window has too few values for its percentile to mean anything. */
  hasTooFewSamples: boolean;
}

interface Reading {
  value: Datapoint;
  hasTooFewSamples: boolean;
}

const readWindow = (
  metrics: Metrics,
  { metric, statistic, minSamples }: MetricStat,
  start: number,
  periodMs: number,
): Reading => {
  const found = metrics.statistic(metric, statistic, start, start + periodMs);
  if (!found) return { value: undefined, hasTooFewSamples: false };
  const hasTooFewSamples = found.samples < minSamples;
  return { value: hasTooFewSamples ? undefined : found.value, hasTooFewSamples };
};

const computeMath = (
  source: Extract<DatapointSource, { kind: 'math' }>,
  metrics: Metrics,
  starts: number[],
  { periodMs, missingOperand }: { periodMs: number; missingOperand: MissingOperand },
): AlarmSeries => {
  let hasTooFewSamples = false;
  const known = new Map<string, number | Series>();
  for (const [id, metricStat] of source.metricStats) {
    const points = new Map<number, number>();
    for (const start of starts) {
      const reading = readWindow(metrics, metricStat, start, periodMs);
      if (reading.value !== undefined) points.set(start, reading.value);
      hasTooFewSamples ||= reading.hasTooFewSamples && start === starts.at(-1);
    }
    known.set(id, points);
  }
  const series = (id: string): number | Series => {
    const computed = known.get(id);
    if (computed !== undefined) return computed;
    const expression = source.expressions.get(id);
    if (!expression) throw new Error(`No metric of the alarm has the id ${id}`);
    const value = expression({ series, periods: starts, missingOperand });
    known.set(id, value);
    return value;
  };
  const result = series(source.resultId);
  const points = starts.map((start) => (typeof result === 'number' ? result : result.get(start)));
  return { contributor: {}, points, hasTooFewSamples };
};

const compareWithBand = (
  band: Band,
  series: AlarmSeries,
  starts: readonly number[],
  readPast: (starts: number[]) => Datapoint[],
): AlarmSeries => {
  const values = series.points;
  const upper = band(starts, readPast);
  const excess = (value: Datapoint, edge: Datapoint) =>
    value === undefined || edge === undefined ? undefined : value - edge;
  return { ...series, points: values.map((value, index) => excess(value, upper[index])), band: { values, upper } };
};

/**
 * The starts of the windows an alarm reads at `until`, oldest first. The last window ends then; with aligned windows it
 * ends at the multiple of the period before.
 */
export const windowStartsBefore = (until: number, { periodMs, isAligned, evaluation }: AlarmDefinition): number[] => {
  const end = isAligned ? Math.floor(until / periodMs) * periodMs : until;
  const count = evaluation.windows + EXTRA_WINDOWS;
  return Array.from({ length: count }, (_, index) => end - (count - index) * periodMs);
};

/** The datapoints an alarm is evaluated by at `end`: one series, or one for each contributor if it groups. */
export const readSeries = (
  definition: AlarmDefinition,
  metrics: Metrics,
  end: number,
  missingOperand: MissingOperand,
): AlarmSeries[] => {
  const { source, periodMs } = definition;
  const starts = windowStartsBefore(end, definition);
  if (source.kind === 'math') {
    const options = { periodMs, missingOperand };
    const series = computeMath(source, metrics, starts, options);
    const readPast = (pastStarts: number[]) => computeMath(source, metrics, pastStarts, options).points;
    return [source.band ? compareWithBand(source.band, series, starts, readPast) : series];
  }
  if (source.kind === 'metric') {
    const readings = starts.map((start) => readWindow(metrics, source.metricStat, start, periodMs));
    const points = readings.map(({ value }) => value);
    return [{ contributor: {}, points, hasTooFewSamples: readings.at(-1)?.hasTooFewSamples ?? false }];
  }
  return [...runInsights(source.query, metrics, starts, periodMs)].map(([value, points]) => ({
    contributor: { [source.query.groupBy]: value },
    points,
    hasTooFewSamples: false,
  }));
};
