import { type Clock, DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';

/** What tells one metric from another in CloudWatch. */
export interface MetricId {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
}

/** Values are stored as long as an alarm may read them: two weeks for an anomaly band, and a day to spare. */
const RETENTION_MS = 15 * DAY_MS;
const SWEEP_EVERY_MS = HOUR_MS;

const keys = new WeakMap<MetricId, string>();
const keyOf = (id: MetricId): string => {
  let key = keys.get(id);
  if (key !== undefined) return key;
  key = `${id.namespace}\n${id.name}`;
  for (const dimension of Object.keys(id.dimensions).sort()) key += `\n${dimension}\n${id.dimensions[dimension]}`;
  keys.set(id, key);
  return key;
};

/**
 * The values published within one step. Every value is stored, so that every percentile can be computed. Aggregates are
 * stored beside them because an alarm over a day reads each of its minutes again every minute.
 */
interface Bucket {
  values: number[];
  sum: number;
  minimum: number;
  maximum: number;
}

const createBucket = (): Bucket => ({
  values: [],
  sum: 0,
  minimum: Number.POSITIVE_INFINITY,
  maximum: Number.NEGATIVE_INFINITY,
});

const addValue = (bucket: Bucket, value: number): void => {
  bucket.values.push(value);
  bucket.sum += value;
  bucket.minimum = Math.min(bucket.minimum, value);
  bucket.maximum = Math.max(bucket.maximum, value);
};

interface StoredMetric {
  id: MetricId;
  /** By the time at which their step begins. */
  buckets: Map<number, Bucket>;
  stepMs: number;
}

const bucketsBetween = ({ buckets, stepMs }: StoredMetric, from: number, until: number): Bucket[] => {
  const isFewerSteps = (until - from) / stepMs < buckets.size;
  if (!isFewerSteps) return [...buckets].flatMap(([at, bucket]) => (at >= from && at < until ? [bucket] : []));
  const found: Bucket[] = [];
  for (let at = Math.ceil(from / stepMs) * stepMs; at < until; at += stepMs) {
    const bucket = buckets.get(at);
    if (bucket) found.push(bucket);
  }
  return found;
};

type Statistic = (buckets: readonly Bucket[]) => number;

const countOf: Statistic = (buckets) => buckets.reduce((count, { values }) => count + values.length, 0);
const sumOf: Statistic = (buckets) => buckets.reduce((total, { sum }) => total + sum, 0);

/** Interpolates linearly between the two nearest ranks. */
const percentileOf = (values: readonly number[], percentile: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (percentile / 100) * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] ?? Number.NaN;
  const high = sorted[Math.ceil(rank)] ?? low;
  return low + (high - low) * (rank - Math.floor(rank));
};

const STATISTICS: Record<string, Statistic> = {
  SampleCount: countOf,
  Sum: sumOf,
  Average: (buckets) => sumOf(buckets) / countOf(buckets),
  Minimum: (buckets) => Math.min(...buckets.map(({ minimum }) => minimum)),
  Maximum: (buckets) => Math.max(...buckets.map(({ maximum }) => maximum)),
};

/** The percentile that a statistic such as `p95` or `p99.9` names, 0 to 100; undefined for any other statistic. */
export const parsePercentile = (statistic: string): number | undefined => {
  const percentile = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(statistic)?.[1];
  return percentile === undefined ? undefined : Number(percentile);
};

/** `TC(150:1000)` counts the values above the first number and not above the second. */
const parseTrimmedCount = (statistic: string): Statistic | undefined => {
  const [, low, high] = /^TC\((\d+(?:\.\d+)?)?:(\d+(?:\.\d+)?)?\)$/.exec(statistic) ?? [];
  if (low === undefined && high === undefined) return undefined;
  const above = low === undefined ? Number.NEGATIVE_INFINITY : Number(low);
  const upTo = high === undefined ? Number.POSITIVE_INFINITY : Number(high);
  return (buckets) =>
    buckets.reduce((count, { values }) => count + values.filter((value) => value > above && value <= upTo).length, 0);
};

/** Throws, naming the statistic, when the emulator cannot compute it. */
export const findStatistic = (name: string): Statistic => {
  const percentile = parsePercentile(name);
  if (percentile !== undefined) {
    return (buckets) => {
      const values = buckets.flatMap((bucket) => bucket.values);
      return percentileOf(values, percentile);
    };
  }
  const statistic = STATISTICS[name] ?? parseTrimmedCount(name);
  if (!statistic) throw new Error(`The emulator does not support the statistic ${name}`);
  return statistic;
};

/** Every value of every metric. As in CloudWatch, values of standard resolution are dated to the minute. */
export const createMetrics = (clock: Clock) => {
  const stored = new Map<string, StoredMetric>();
  let lastSweep = 0;

  const sweep = () => {
    const oldest = clock.now() - RETENTION_MS;
    for (const { buckets } of stored.values()) {
      for (const at of buckets.keys()) if (at < oldest) buckets.delete(at);
    }
    lastSweep = clock.now();
  };

  return {
    /** Adds values of a metric at a time in milliseconds, by default now. */
    put: (id: MetricId, values: number | readonly number[], at = clock.now(), resolutionMs = MINUTE_MS): void => {
      if (clock.now() - lastSweep > SWEEP_EVERY_MS) sweep();
      const key = keyOf(id);
      const metric = stored.get(key) ?? { id, buckets: new Map<number, Bucket>(), stepMs: resolutionMs };
      metric.stepMs = Math.min(metric.stepMs, resolutionMs);
      stored.set(key, metric);
      const start = Math.floor(at / resolutionMs) * resolutionMs;
      const bucket = metric.buckets.get(start) ?? createBucket();
      metric.buckets.set(start, bucket);
      for (const value of typeof values === 'number' ? [values] : values) addValue(bucket, value);
    },

    /** The statistic over [from, until), and how many values it is computed from; undefined when there are none. */
    statistic: (
      id: MetricId,
      name: string,
      from: number,
      until: number,
    ): { value: number; samples: number } | undefined => {
      const metric = stored.get(keyOf(id));
      const buckets = metric ? bucketsBetween(metric, from, until) : [];
      const samples = countOf(buckets);
      return samples === 0 ? undefined : { value: findStatistic(name)(buckets), samples };
    },

    /** Every metric that has a value. */
    list: (): MetricId[] => [...stored.values()].filter(({ buckets }) => buckets.size > 0).map(({ id }) => id),

    /** The metrics with this namespace and name, with any dimensions. */
    find: (namespace: string, name: string): MetricId[] =>
      [...stored.values()].map(({ id }) => id).filter((id) => id.namespace === namespace && id.name === name),
  };
};

export type Metrics = ReturnType<typeof createMetrics>;
