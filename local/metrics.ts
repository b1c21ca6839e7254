import type { Clock } from './clock.ts';

/** A metric as CloudWatch tells one from another. */
export interface MetricId {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
}

/** Values as they were published: every percentile can be computed from them. */
export interface Sample {
  at: number;
  values: readonly number[];
}

/** CloudWatch keeps what alarms may look back on: seven days, and a day to spare. */
const KEPT_MS = 8 * 86_400_000;
const MINUTE_MS = 60_000;

const keyOf = ({ namespace, name, dimensions }: MetricId): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);

type Statistic = (values: readonly number[]) => number;

const sum: Statistic = (values) => values.reduce((total, value) => total + value, 0);

/** Between the two nearest ranks, in proportion. */
const percentile = (values: readonly number[], p: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (p / 100) * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] ?? Number.NaN;
  const high = sorted[Math.ceil(rank)] ?? low;
  return low + (high - low) * (rank - Math.floor(rank));
};

const STATISTICS: Record<string, Statistic> = {
  SampleCount: (values) => values.length,
  Sum: sum,
  Average: (values) => sum(values) / values.length,
  Minimum: (values) => values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
  Maximum: (values) => values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
};

/** The percentile a statistic's name asks for, 0 to 100: `p95`, `p99.9`. */
export const percentileIn = (statistic: string): number | undefined => {
  const asked = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(statistic)?.[1];
  return asked === undefined ? undefined : Number(asked);
};

/** Throws, by name, for a statistic nobody here can compute. */
export const statisticNamed = (name: string): Statistic => {
  const p = percentileIn(name);
  const known = p === undefined ? STATISTICS[name] : (values: readonly number[]) => percentile(values, p);
  if (!known) throw new Error(`The local run does not know the statistic ${name}`);
  return known;
};

const stepsBetween = (from: number, until: number, stepMs: number): number[] => {
  const first = Math.ceil(from / stepMs) * stepMs;
  return Array.from({ length: Math.max(0, Math.ceil((until - first) / stepMs)) }, (_, index) => first + index * stepMs);
};

/** Every value of every metric. Those of standard resolution are only known to the minute, as in CloudWatch. */
export const createMetrics = (clock: Clock) => {
  const series = new Map<string, { id: MetricId; buckets: Map<number, number[]>; stepMs: number }>();
  let lastSwept = 0;

  const sweep = () => {
    const oldest = clock.now() - KEPT_MS;
    for (const { buckets } of series.values()) {
      for (const at of buckets.keys()) if (at < oldest) buckets.delete(at);
    }
    lastSwept = clock.now();
  };

  const valuesBetween = (id: MetricId, from: number, until: number): number[] => {
    const known = series.get(keyOf(id));
    if (!known) return [];
    const { buckets, stepMs } = known;
    const values: number[] = [];
    const isShort = (until - from) / stepMs < buckets.size;
    const starts = isShort
      ? stepsBetween(from, until, stepMs)
      : [...buckets.keys()].filter((at) => at >= from && at < until);
    for (const at of starts) for (const value of buckets.get(at) ?? []) values.push(value);
    return values;
  };

  return {
    /** Adds values of a metric at a time, in milliseconds; by default now. */
    put: (id: MetricId, values: number | readonly number[], at = clock.now(), resolutionMs = MINUTE_MS): void => {
      if (clock.now() - lastSwept > 3_600_000) sweep();
      const key = keyOf(id);
      const known = series.get(key) ?? { id, buckets: new Map<number, number[]>(), stepMs: resolutionMs };
      known.stepMs = Math.min(known.stepMs, resolutionMs);
      series.set(key, known);
      const bucket = Math.floor(at / resolutionMs) * resolutionMs;
      const there = known.buckets.get(bucket) ?? [];
      known.buckets.set(bucket, there);
      for (const value of typeof values === 'number' ? [values] : values) there.push(value);
    },

    /** The statistic over [from, until), and over how many values; nothing when there are none. */
    statistic: (
      id: MetricId,
      name: string,
      from: number,
      until: number,
    ): { value: number; samples: number } | undefined => {
      const values = valuesBetween(id, from, until);
      return values.length === 0 ? undefined : { value: statisticNamed(name)(values), samples: values.length };
    },

    /** The metrics of a namespace and name, whatever their dimensions. */
    find: (namespace: string, name: string): MetricId[] =>
      [...series.values()].map(({ id }) => id).filter((id) => id.namespace === namespace && id.name === name),
  };
};

export type Metrics = ReturnType<typeof createMetrics>;
