import type { Family, Labels, MetricType, Sample } from './exposition.ts';
import { isMetricName, type OwnSeries, parseSeriesKey } from './series-key.ts';
import type { Total } from './totals.ts';

/** A row of analytics.metric_gauges. */
export interface GaugeValue {
  series: string;
  value: number;
  set_by_call: boolean;
}

/** What metrics of one's own with these names are; of the others nobody knows more than their name. */
const HELP: ReadonlyMap<string, string> = new Map([
  ['cache_hits', 'What was found in a cache.'],
  ['cache_misses', 'What was not found in a cache.'],
  ['job_queue_depth', 'Jobs that wait in a queue.'],
]);

/** All names of samples that a family may have, in either format. */
const namesOf = ({ name, type }: { name: string; type: MetricType }): string[] => {
  if (type === 'gauge') return [name];
  const suffixes = type === 'counter' ? ['_total', '_created'] : ['_bucket', '_sum', '_count', '_created'];
  return [name, ...suffixes.map((suffix) => name + suffix)];
};

interface Summed extends OwnSeries {
  value: number;
  falls: boolean;
}

const keyOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort());

/** The buckets of one histogram and one set of labels; each value is counted in one bucket only. */
interface Buckets {
  labels: Record<string, string>;
  counts: Map<number, number>;
  sum: number | undefined;
}

const BOUND = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

const parseBound = (text: string): number => {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return BOUND.test(text) ? Number(text) : Number.NaN;
};

const isBucket = ({ name, labels }: OwnSeries): boolean => name.endsWith('_bucket') && 'le' in labels;
const withoutSuffix = (name: string, suffix: string): string =>
  name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;

const toSamples = ({ labels, counts, sum }: Buckets): Sample[] => {
  const bounds = new Set([...counts.keys(), Number.POSITIVE_INFINITY]);
  let upTo = 0;
  const buckets = [...bounds]
    .sort((one, other) => one - other)
    .map((le): Sample => {
      upTo += counts.get(le) ?? 0;
      return { suffix: '_bucket', labels, le, value: upTo };
    });
  // Without a sum there is no count either, as OpenMetrics demands of what may fall.
  if (sum === undefined) return buckets;
  return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: upTo }];
};

/** Collects families, and refuses a name that another family has, or a part of it. */
const createFamilies = (others: readonly Family[]) => {
  const owners = new Map<string, string>();
  const families = new Map<string, Family & { byLabels: Map<string, Sample[]> }>();
  for (const family of others) for (const name of namesOf(family)) owners.set(name, '');

  const familyOf = (type: MetricType, name: string) => {
    const key = `${type} ${name}`;
    const known = families.get(key);
    if (known) return known;
    const names = namesOf({ name, type });
    if (!isMetricName(name) || names.some((taken) => owners.has(taken))) return undefined;
    for (const taken of names) owners.set(taken, key);
    const family = { name, type, help: HELP.get(name) ?? `A ${type} of its own.`, series: [], byLabels: new Map() };
    families.set(key, family);
    return family;
  };

  return {
    /** Adds the samples of one set of labels. False when the family cannot be. Two that become one are added up. */
    add: (type: MetricType, name: string, samples: Sample[]): boolean => {
      const family = familyOf(type, name);
      const key = keyOf(samples[0]?.labels ?? {});
      if (!family) return false;
      const known = family.byLabels.get(key);
      if (known) for (const sample of known) sample.value += samples[0]?.value ?? 0;
      else family.byLabels.set(key, samples);
      return true;
    },
    all: (): Family[] =>
      [...families.values()].map(({ byLabels, ...family }) => ({ ...family, series: [...byLabels.values()] })),
  };
};

const histogramsIn = (series: readonly Summed[]): Map<string, Map<string, Buckets>> => {
  const histograms = new Map<string, Map<string, Buckets>>();
  for (const { name, labels, value } of series.filter(isBucket)) {
    const { le = '', ...others } = labels;
    const base = withoutSuffix(name, '_bucket');
    const sets = histograms.get(base) ?? new Map<string, Buckets>();
    const buckets = sets.get(keyOf(others)) ?? { labels: others, counts: new Map(), sum: undefined };
    const bound = parseBound(le);
    buckets.counts.set(bound, (buckets.counts.get(bound) ?? 0) + value);
    sets.set(keyOf(others), buckets);
    histograms.set(base, sets);
  }
  return histograms;
};

const RESERVED_LABELS = ['le', 'quantile'];

const canBeShown = (series: Summed): boolean => {
  if (!Number.isFinite(series.value)) return false;
  if (!isBucket(series)) return !RESERVED_LABELS.some((label) => label in series.labels);
  const isCount = Number.isInteger(series.value) && !series.falls;
  return isCount && !Number.isNaN(parseBound(series.labels.le ?? '')) && !('quantile' in series.labels);
};

/** The sum of a histogram, if that is what the series is: then it is taken there. */
const takeSum = ({ name, labels, value, falls }: Summed, histograms: Map<string, Map<string, Buckets>>): boolean => {
  const buckets = name.endsWith('_sum') && histograms.get(withoutSuffix(name, '_sum'))?.get(keyOf(labels));
  if (!buckets) return false;
  if (!falls) buckets.sum = value;
  return true;
};

/**
 * The metrics that calls brought with them: their measures and gauges. `leftOut` is how many series can be none, because
 * of their name or their value, or because another metric has that name.
 */
export const ownFamilies = (
  totals: readonly Total[],
  gauges: readonly GaugeValue[],
  others: readonly Family[],
): { families: Family[]; leftOut: number } => {
  const families = createFamilies(others);
  let leftOut = 0;
  const count = (isShown: boolean) => {
    if (!isShown) leftOut += 1;
  };
  const measures = totals.flatMap(({ family, labels: [key = ''], total, falls }): Summed[] => {
    if (family !== 'series' || key === '_OTHER') return [];
    const parsed = parseSeriesKey(key);
    const series = parsed && { ...parsed, value: total, falls: falls || total < 0 };
    if (series && canBeShown(series)) return [series];
    leftOut += 1;
    return [];
  });
  const histograms = histogramsIn(measures);
  const single = measures.filter((series) => !isBucket(series) && !takeSum(series, histograms));
  for (const [name, sets] of histograms)
    for (const buckets of sets.values()) count(families.add('histogram', name, toSamples(buckets)));
  for (const { name, labels, value, falls } of single)
    count(families.add(falls ? 'gauge' : 'counter', withoutSuffix(name, '_total'), [{ labels, value }]));
  for (const { series, value } of gauges) {
    const parsed = parseSeriesKey(series);
    const isUsable = parsed && canBeShown({ ...parsed, value, falls: false }) && !isBucket(parsed);
    count(Boolean(isUsable) && families.add('gauge', parsed?.name ?? '', [{ labels: parsed?.labels ?? {}, value }]));
  }
  // A sum of two that are finite need not be.
  const shown = families.all().map((family) => {
    const series = family.series.filter((samples) => samples.every(({ value }) => Number.isFinite(value)));
    leftOut += family.series.length - series.length;
    return { ...family, series };
  });
  return { families: shown, leftOut };
};
