import type { Clock } from '../clock.ts';

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

/** CloudWatch keeps what alarms may look back on: two weeks for a band, and a day to spare. */
const KEPT_MS = 15 * 86_400_000;
const MINUTE_MS = 60_000;

const keys = new WeakMap<MetricId, string>();
const keyOf = (id: MetricId): string => {
  let key = keys.get(id);
  if (key !== undefined) return key;
  key = `${id.namespace}\n${id.name}`;
  for (const dimension of Object.keys(id.dimensions).sort()) key += `\n${dimension}\n${id.dimensions[dimension]}`;
  keys.set(id, key);
  return key;
};

/** What was published in one step. Sums stand beside the values: an alarm over a day looks at every minute of it, every minute. */
interface Bucket {
  values: number[];
  sum: number;
  least: number;
  most: number;
}

type Statistic = (buckets: readonly Bucket[]) => number;

const countIn = (buckets: readonly Bucket[]): number => buckets.reduce((count, { values }) => count + values.length, 0);
const sumOf: Statistic = (buckets) => buckets.reduce((total, { sum }) => total + sum, 0);

/** Between the two nearest ranks, in proportion. */
const percentile = (values: readonly number[], p: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (p / 100) * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] ?? Number.NaN;
  const high = sorted[Math.ceil(rank)] ?? low;
  return low + (high - low) * (rank - Math.floor(rank));
};

const STATISTICS: Record<string, Statistic> = {
  SampleCount: countIn,
  Sum: sumOf,
  Average: (buckets) => sumOf(buckets) / countIn(buckets),
  Minimum: (buckets) => Math.min(...buckets.map(({ least }) => least)),
  Maximum: (buckets) => Math.max(...buckets.map(({ most }) => most)),
};

/** The percentile a statistic's name asks for, 0 to 100: `p95`, `p99.9`. */
export const percentileIn = (statistic: string): number | undefined => {
  const asked = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(statistic)?.[1];
  return asked === undefined ? undefined : Number(asked);
};

/** The trimmed count a statistic's name asks for, `TC(150:1000)`: how many values are above the first and not above the second. */
const trimmedCountIn = (statistic: string): Statistic | undefined => {
  const [, low, high] = /^TC\((\d+(?:\.\d+)?)?:(\d+(?:\.\d+)?)?\)$/.exec(statistic) ?? [];
  if (low === undefined && high === undefined) return undefined;
  const above = low === undefined ? Number.NEGATIVE_INFINITY : Number(low);
  const upTo = high === undefined ? Number.POSITIVE_INFINITY : Number(high);
  return (buckets) =>
    buckets.reduce((count, { values }) => count + values.filter((value) => value > above && value <= upTo).length, 0);
};

/** Throws, by name, for a statistic nobody here can compute. */
export const statisticNamed = (name: string): Statistic => {
  const p = percentileIn(name);
  const known: Statistic | undefined =
    p === undefined
      ? (STATISTICS[name] ?? trimmedCountIn(name))
      : (buckets) =>
          percentile(
            buckets.flatMap(({ values }) => values),
            p,
          );
  if (!known) throw new Error(`The local run does not know the statistic ${name}`);
  return known;
};

/** Every value of every metric. Those of standard resolution are only known to the minute, as in CloudWatch. */
export const createMetrics = (clock: Clock) => {
  const series = new Map<string, { id: MetricId; buckets: Map<number, Bucket>; stepMs: number }>();
  let lastSwept = 0;

  const sweep = () => {
    const oldest = clock.now() - KEPT_MS;
    for (const { buckets } of series.values()) {
      for (const at of buckets.keys()) if (at < oldest) buckets.delete(at);
    }
    lastSwept = clock.now();
  };

  const bucketsBetween = (id: MetricId, from: number, until: number): Bucket[] => {
    const known = series.get(keyOf(id));
    if (!known) return [];
    const { buckets, stepMs } = known;
    const found: Bucket[] = [];
    if ((until - from) / stepMs < buckets.size) {
      for (let at = Math.ceil(from / stepMs) * stepMs; at < until; at += stepMs) {
        const bucket = buckets.get(at);
        if (bucket) found.push(bucket);
      }
    } else for (const [at, bucket] of buckets) if (at >= from && at < until) found.push(bucket);
    return found;
  };

  return {
    /** Adds values of a metric at a time, in milliseconds; by default now. */
    put: (id: MetricId, values: number | readonly number[], at = clock.now(), resolutionMs = MINUTE_MS): void => {
      if (clock.now() - lastSwept > 3_600_000) sweep();
      const key = keyOf(id);
      const known = series.get(key) ?? { id, buckets: new Map<number, Bucket>(), stepMs: resolutionMs };
      known.stepMs = Math.min(known.stepMs, resolutionMs);
      series.set(key, known);
      const bucket = Math.floor(at / resolutionMs) * resolutionMs;
      const there = known.buckets.get(bucket) ?? {
        values: [],
        sum: 0,
        least: Number.POSITIVE_INFINITY,
        most: Number.NEGATIVE_INFINITY,
      };
      known.buckets.set(bucket, there);
      for (const value of typeof values === 'number' ? [values] : values) {
        there.values.push(value);
        there.sum += value;
        there.least = Math.min(there.least, value);
        there.most = Math.max(there.most, value);
      }
    },

    /** The statistic over [from, until), and over how many values; nothing when there are none. */
    statistic: (
      id: MetricId,
      name: string,
      from: number,
      until: number,
    ): { value: number; samples: number } | undefined => {
      const buckets = bucketsBetween(id, from, until);
      const samples = countIn(buckets);
      return samples === 0 ? undefined : { value: statisticNamed(name)(buckets), samples };
    },

    /** The metrics of a namespace and name, whatever their dimensions. */
    find: (namespace: string, name: string): MetricId[] =>
      [...series.values()].map(({ id }) => id).filter((id) => id.namespace === namespace && id.name === name),
  };
};

export type Metrics = ReturnType<typeof createMetrics>;
