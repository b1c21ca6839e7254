import type { Exemplar, Family, Labels, Sample } from './exposition.ts';

/** A row of analytics.metric_totals. */
export interface Total {
  family: 'calls' | 'http' | 'provider' | 'series' | 'refused';
  labels: string[];
  /** How many calls, by the bound that they are counted up to; of what has no durations, one number. */
  counts: number[];
  /** Microseconds; of a measure, its own unit. */
  total: number;
  /** Of a measure: it was negative at least once, so its sum may fall. */
  falls: boolean;
  exemplar_trace_id: string | null;
  exemplar_seconds: number | null;
  exemplar_at: number | null;
}

const MICROSECONDS = 1_000_000;

const callsIn = ({ counts }: Total): number => counts.reduce((sum, count) => sum + count, 0);
export const secondsIn = ({ total }: Total): number => total / MICROSECONDS;

/** Totals by the labels under which they are shown; `labelsOf` leaves a total out with undefined. */
const groupByLabels = (totals: readonly Total[], labelsOf: (total: Total) => Labels | undefined) => {
  const groups = new Map<string, { labels: Labels; totals: Total[] }>();
  for (const total of totals) {
    const labels = labelsOf(total);
    if (!labels) continue;
    const key = JSON.stringify(labels);
    const group = groups.get(key) ?? { labels, totals: [] };
    group.totals.push(total);
    groups.set(key, group);
  }
  return [...groups.values()];
};

/** A counter of the totals that `labelsOf` gives labels to: of calls, unless `amountOf` says otherwise. */
export const counterOf = (
  name: string,
  help: string,
  totals: readonly Total[],
  labelsOf: (total: Total) => Labels | undefined,
  amountOf: (total: Total) => number = callsIn,
): Family => ({
  name,
  type: 'counter',
  help,
  series: groupByLabels(totals, labelsOf).map((group) => [
    { labels: group.labels, value: group.totals.reduce((sum, total) => sum + amountOf(total), 0) },
  ]),
});

/** By the place of their bound, the newest exemplar of each. */
const exemplarsOf = (totals: readonly Total[], bounds: readonly number[]): Map<number, Exemplar> => {
  const found = new Map<number, Exemplar>();
  for (const { exemplar_trace_id: traceId, exemplar_seconds: value, exemplar_at: at } of totals) {
    if (traceId === null || value === null || at === null) continue;
    const above = bounds.findIndex((bound) => value <= bound);
    const place = above === -1 ? bounds.length : above;
    if ((found.get(place)?.at ?? Number.NEGATIVE_INFINITY) < at) found.set(place, { traceId, value, at });
  }
  return found;
};

const histogramSamples = (labels: Labels, totals: readonly Total[], bounds: readonly number[]): Sample[] => {
  const exemplars = exemplarsOf(totals, bounds);
  let upTo = 0;
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((le, place): Sample => {
    upTo += totals.reduce((sum, { counts }) => sum + (counts[place] ?? 0), 0);
    return { suffix: '_bucket', labels, le, value: upTo, exemplar: exemplars.get(place) };
  });
  const seconds = totals.reduce((sum, total) => sum + secondsIn(total), 0);
  return [...buckets, { suffix: '_sum', labels, value: seconds }, { suffix: '_count', labels, value: upTo }];
};

/** A histogram of the durations of the totals that `labelsOf` gives labels to. */
export const durationsOf = (
  name: string,
  help: string,
  totals: readonly Total[],
  bounds: readonly number[],
  labelsOf: (total: Total) => Labels | undefined,
): Family => ({
  name,
  type: 'histogram',
  help,
  series: groupByLabels(totals, labelsOf).map((group) => histogramSamples(group.labels, group.totals, bounds)),
});
