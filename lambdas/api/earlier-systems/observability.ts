import {
  type DashboardReport,
  MAX_SERIES,
  type Metric,
  type MetricReport,
  type MetricSample,
  metricName,
  type SnapshotReport,
} from '../../contract/api/observability.ts';
import { noQuery } from '../../contract/queries.ts';
import type { ToolHealth } from '../../contract/reports.ts';
import type { Family, Sample } from '../metrics/exposition.ts';
import { listFamilies, readStored } from '../metrics/get-metrics.ts';
import { RefusedError } from '../request/errors.ts';
import { parsePath, parseQuery } from '../request/query.ts';
import { readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** The samples of one set of labels as one value. */
const toSample = (samples: readonly Sample[], hasBuckets: boolean): MetricSample => {
  const find = (suffix: Sample['suffix']) => samples.find((sample) => sample.suffix === suffix);
  const [first] = samples;
  const [sum, count] = [find('_sum'), find('_count')];
  const labels = { ...first?.labels };
  if (!count) return { labels, value: finite(first?.value ?? Number.NaN) };
  const buckets = samples.flatMap(({ le, value }) =>
    le === undefined ? [] : [[le === Infinity ? '+Inf' : `${le}`, value]],
  );
  return {
    labels,
    value: finite(sum?.value ?? Number.NaN),
    count: count.value,
    ...(hasBuckets && { buckets: Object.fromEntries(buckets) }),
  };
};

const toMetric = ({ name, type, help, series }: Family, hasBuckets: boolean): Metric => ({
  ...{ name, type, help },
  series: series.slice(0, MAX_SERIES).map((samples) => toSample(samples, hasBuckets)),
  series_left_out: Math.max(0, series.length - MAX_SERIES),
});

const hasSeries = ({ series }: Family): boolean => series.length > 0;

/** GET /api/observability/metrics/snapshot */
export const getSnapshot: RouteHandler = async (parts, context) => {
  parseQuery(noQuery, context.req);
  parts.metricsOnly(context);
  const { stored, health } = await readStored(parts);
  const { families } = listFamilies(stored, health);
  const report: SnapshotReport = {
    timestamp: new Date().toISOString(),
    metrics: families.filter(hasSeries).map((family) => toMetric(family, false)),
  };
  return Response.json(report);
};

/** GET /api/observability/metrics/{name} */
export const getMetric: RouteHandler = async (parts, context) => {
  parseQuery(noQuery, context.req);
  const name = parsePath(metricName, 'name', context);
  parts.metricsOnly(context);
  const { stored, health } = await readStored(parts);
  const family = listFamilies(stored, health).families.find((each) => each.name === name.replace(/_total$/, ''));
  if (!family)
    throw new RefusedError(404, `There is no metric called ${name}; see /api/observability/metrics/snapshot.`);
  const report: MetricReport = { timestamp: new Date().toISOString(), metric: toMetric(family, true) };
  return Response.json(report);
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** GET /api/observability/dashboard */
export const getDashboard: RouteHandler = async (parts, context) => {
  parseQuery(noQuery, context.req);
  parts.operatorOnly(context);
  const { stored, health } = await readStored(parts);
  const tools = stored
    ? await readStore(parts.database, undefined, (reader) => reader.rows<ToolHealth>('tools', [null]))
    : [];
  const total_invocations = sum(tools.map((tool) => tool.total_invocations));
  const error_count = sum(tools.map((tool) => tool.error_count));
  const report: DashboardReport = {
    timestamp: new Date().toISOString(),
    health,
    tools,
    totals: {
      ...{ tools: tools.length, total_invocations, error_count },
      error_rate_pct: total_invocations === 0 ? null : Math.round((10_000 * error_count) / total_invocations) / 100,
    },
    metrics: listFamilies(stored, health)
      .families.filter(hasSeries)
      .map((family) => toMetric(family, false)),
  };
  return Response.json(report);
};
