import type { Health } from '../../contract/health/status.ts';
import type { HealthReport } from '../../contract/reports.ts';
import type { JobDepth } from '../jobs/job-depth.ts';
import { type Reader, readFreshness, readStore } from '../request/reader.ts';
import type { RoutableEvent } from '../request/routable.ts';
import type { RouteHandler, RouteParts } from '../route-handler.ts';
import { CONTENT_TYPES, createExposition, type Family, type Format, toShowable } from './exposition.ts';
import { callFamilies } from './families.ts';
import { chooseFormat } from './negotiate.ts';
import { type GaugeValue, ownFamilies } from './own-families.ts';
import { parseSeriesKey } from './series-key.ts';
import type { Total } from './totals.ts';

/** What the store tells. */
export interface StoredMetrics {
  /** The upper bounds of the buckets of durations, in seconds. */
  bounds: number[];
  totals: Total[];
  gauges: GaugeValue[];
  /** Seconds since the summaries were refreshed; null before the first refresh. */
  age_seconds: number | null;
}

/** What is unknown has no value. */
const HEALTH_VALUE: Record<Health, number | undefined> = { ok: 1, degraded: 0.5, unhealthy: 0, unknown: undefined };

const healthFamily = ({ components }: Pick<HealthReport, 'components'>): Family => ({
  name: 'health_check_status',
  type: 'gauge',
  help: '1 healthy, 0.5 degraded, 0 unhealthy; absent while unknown.',
  series: components.flatMap(({ name, status }) => {
    const value = HEALTH_VALUE[status];
    return value === undefined ? [] : [[{ labels: { component: name }, value }]];
  }),
});

const GAUGE_HELP: Record<string, string> = {
  active_connections: 'Calls that ran on average in the five minutes before the last refresh, by kind.',
  database_connections_active: 'Connections to the database of the store.',
};

const storeGauges = (gauges: readonly GaugeValue[]): Family[] =>
  Object.entries(GAUGE_HELP).map(([name, help]) => ({
    name,
    type: 'gauge',
    help,
    series: gauges.flatMap(({ series, value, set_by_call }) => {
      const parsed = set_by_call ? undefined : parseSeriesKey(series);
      return parsed?.name === name ? [[{ labels: parsed.labels, value }]] : [];
    }),
  }));

const ageFamily = (age: number | null): Family => ({
  name: 'toolwatch_summaries_age_seconds',
  type: 'gauge',
  help: 'Seconds since the summaries were refreshed.',
  series: age === null ? [] : [[{ labels: {}, value: age }]],
});

/** Measures and gauges that came when there were too many series already. */
const refusedFamily = (totals: readonly Total[]): Family => {
  const refused = (family: Total['family'], label: string) =>
    totals.find((total) => total.family === family && total.labels[0] === label)?.counts[0] ?? 0;
  return {
    name: 'toolwatch_series_refused',
    type: 'counter',
    help: 'Values of measures and gauges that were not taken, because there are too many series.',
    series: [
      [{ labels: { of: 'measure' }, value: refused('series', '_OTHER') }],
      [{ labels: { of: 'gauge' }, value: refused('refused', 'gauge') }],
    ],
  };
};

const leftOutFamily = (byReason: Record<string, number>): Family => ({
  name: 'toolwatch_series_left_out',
  type: 'gauge',
  help: 'Series that this answer leaves out: their name or value cannot be shown, or the answer has no room for them.',
  series: Object.entries(byReason).map(([reason, value]) => [{ labels: { reason }, value }]),
});

const NOTHING: StoredMetrics = { bounds: [], totals: [], gauges: [], age_seconds: null };

/** All metrics; without those of the store while it does not answer. `invalid` counts series that cannot be shown. */
export const listFamilies = (
  stored: StoredMetrics | undefined,
  health: Pick<HealthReport, 'components'>,
): { families: Family[]; invalid: number } => {
  const { bounds, age_seconds, ...others } = stored ?? NOTHING;
  const totals = others.totals.map((total) => ({ ...total, labels: total.labels.map(toShowable) }));
  const gauges = others.gauges.map((gauge) => ({ ...gauge, series: toShowable(gauge.series) }));
  const ours = [
    healthFamily(health),
    ageFamily(age_seconds),
    ...(stored ? [refusedFamily(totals)] : []),
    ...storeGauges(gauges),
    ...callFamilies(totals, bounds),
  ];
  const own = ownFamilies(
    totals,
    gauges.filter((gauge) => gauge.set_by_call),
    [...ours, leftOutFamily({})],
  );
  return { families: [...ours, ...own.families], invalid: own.leftOut };
};

/** All metrics in this format. */
export const formatMetrics = (
  stored: StoredMetrics | undefined,
  health: Pick<HealthReport, 'components'>,
  format: Format,
  limitBytes?: number,
): string => {
  const exposition = createExposition(format, limitBytes);
  const { families, invalid } = listFamilies(stored, health);
  for (const family of families) exposition.write(family);
  return exposition.finish(leftOutFamily({ invalid, no_room: exposition.leftOut() }));
};

/** Of each source of jobs, how many are due or run: as if a call had brought the gauge. */
const depthGauges = async (reader: Reader): Promise<GaugeValue[]> =>
  (await reader.rows<JobDepth>('job-depths')).flatMap(({ source, depth }) =>
    source === null ? [] : [{ series: `job_queue_depth{queue="${source}"}`, value: depth, set_by_call: true }],
  );

const readMetrics = async (reader: Reader): Promise<StoredMetrics> => ({
  bounds: (await reader.rows<{ bounds: number[] }>('duration-bounds'))[0]?.bounds ?? [],
  totals: await reader.rows<Total>('totals'),
  gauges: [...(await reader.rows<GaugeValue>('gauges')), ...(await depthGauges(reader))],
  age_seconds: (await readFreshness(reader)).age_seconds,
});

/** What the metrics are made of; nothing of the store while it does not answer. */
export const readStored = async ({ database, checkHealth }: Pick<RouteParts, 'database' | 'checkHealth'>) => {
  const health = await checkHealth(new Date());
  const isStoreDown = health.components.some(({ name, status }) => name === 'database' && status === 'unhealthy');
  return { health, stored: isStoreDown ? undefined : await readStore(database, undefined, readMetrics) };
};

/**
 * GET /metrics, for Prometheus. While the store does not answer, it says so with `health_check_status`: without an answer
 * no alert on it could fire. Counters that are missing meanwhile go on from where they were.
 */
export const getMetrics: RouteHandler = async ({ database, checkHealth, metricsOnly }, context) => {
  metricsOnly(context);
  const format = chooseFormat((context.event as RoutableEvent).received.headers?.accept);
  const { stored, health } = await readStored({ database, checkHealth });
  return new Response(formatMetrics(stored, health, format), {
    headers: { 'content-type': CONTENT_TYPES[format], vary: 'accept' },
  });
};
