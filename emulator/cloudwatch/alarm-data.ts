import type { Definition, Reading, Source } from './alarm-definition.ts';
import { type Datapoint, EXTRA_WINDOWS } from './alarm-state.ts';
import type { Band } from './anomaly-band.ts';
import type { Series } from './metric-math.ts';
import type { Metrics } from './metrics.ts';
import { runInsights } from './metrics-insights.ts';

/** One line of datapoints to judge, oldest first. Whom it is about is empty unless the alarm groups by a dimension. */
export interface Line {
  about: Readonly<Record<string, string>>;
  points: Datapoint[];
  /** Of an alarm with a band: `points` are how far over its upper edge the values were. */
  band?: { values: Datapoint[]; upper: Datapoint[] };
  /** The newest window holds too few values for its percentile to mean anything. */
  tooFew: boolean;
}

type Look = { value: Datapoint; tooFew: boolean };

const look = (
  metrics: Metrics,
  { metric, statistic, samplesNeeded }: Reading,
  start: number,
  periodMs: number,
): Look => {
  const found = metrics.statistic(metric, statistic, start, start + periodMs);
  if (!found) return { value: undefined, tooFew: false };
  const tooFew = found.samples < samplesNeeded;
  return { value: tooFew ? undefined : found.value, tooFew };
};

const computed = (
  source: Extract<Source, { kind: 'math' }>,
  metrics: Metrics,
  starts: number[],
  periodMs: number,
): Line => {
  let tooFew = false;
  const known = new Map<string, number | Series>();
  for (const [id, reading] of source.readings) {
    const points = new Map<number, number>();
    for (const start of starts) {
      const { value, tooFew: few } = look(metrics, reading, start, periodMs);
      if (value !== undefined) points.set(start, value);
      tooFew ||= few && start === starts.at(-1);
    }
    known.set(id, points);
  }
  const series = (id: string): number | Series => {
    const there = known.get(id);
    if (there !== undefined) return there;
    const expression = source.expressions.get(id);
    if (!expression) throw new Error(`No metric of the alarm has the id ${id}`);
    const value = expression({ series, periods: starts });
    known.set(id, value);
    return value;
  };
  const result = series(source.result);
  const points = starts.map((start) => (typeof result === 'number' ? result : result.get(start)));
  return { about: {}, points, tooFew };
};

const heldAgainst = (
  band: Band,
  line: Line,
  starts: readonly number[],
  pastOf: (starts: number[]) => Datapoint[],
): Line => {
  const values = line.points;
  const upper = band(starts, pastOf);
  const over = (value: Datapoint, edge: Datapoint) =>
    value === undefined || edge === undefined ? undefined : value - edge;
  return { ...line, points: values.map((value, index) => over(value, upper[index])), band: { values, upper } };
};

/** The starts of the windows an alarm looks at by `until`, oldest first; the last of them ends then, or with the clock before. */
export const windowsBefore = (until: number, { periodMs, aligned, rule }: Definition): number[] => {
  const end = aligned ? Math.floor(until / periodMs) * periodMs : until;
  return Array.from(
    { length: rule.windows + EXTRA_WINDOWS },
    (_, index) => end - (rule.windows + EXTRA_WINDOWS - index) * periodMs,
  );
};

/** The datapoints an alarm judges at `end`: one line, or one for each value of the dimension it groups by. */
export const linesOf = (definition: Definition, metrics: Metrics, end: number): Line[] => {
  const { source, periodMs } = definition;
  const starts = windowsBefore(end, definition);
  if (source.kind === 'math') {
    const line = computed(source, metrics, starts, periodMs);
    const pastOf = (past: number[]) => computed(source, metrics, past, periodMs).points;
    return [source.band ? heldAgainst(source.band, line, starts, pastOf) : line];
  }
  if (source.kind === 'metric') {
    const looks = starts.map((start) => look(metrics, source.reading, start, periodMs));
    return [{ about: {}, points: looks.map(({ value }) => value), tooFew: looks.at(-1)?.tooFew ?? false }];
  }
  return [...runInsights(source.query, metrics, starts, periodMs)].map(([value, points]) => ({
    about: { [source.query.groupBy]: value },
    points,
    tooFew: false,
  }));
};
