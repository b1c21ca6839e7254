import * as z from 'zod';
import { storedText } from '../queries.ts';
import { healthReport, toolHealth } from '../reports.ts';

/** Metrics as JSON, for dashboards that read no Prometheus text. */

/** How many series of one metric are answered. */
export const MAX_SERIES = 1_000;

const sample = z.object({
  labels: z.record(z.string(), z.string()),
  value: z.number().nullable().describe('Of a histogram the sum, in seconds; null for what is no finite number.'),
  count: z.number().optional().describe('Of a histogram: how many calls.'),
  buckets: z
    .record(z.string(), z.number())
    .optional()
    .describe('Of a histogram, where one metric is asked for: how many calls took up to so many seconds.'),
});
export type MetricSample = z.infer<typeof sample>;

const metric = z.object({
  name: z.string().describe('As in /metrics, without `_total`.'),
  type: z.enum(['counter', 'gauge', 'histogram']),
  help: z.string(),
  series: z.array(sample).describe(`At most ${MAX_SERIES.toLocaleString('en')}.`),
  series_left_out: z.int().min(0),
});
export type Metric = z.infer<typeof metric>;

/** GET /api/observability/metrics/snapshot */
export const snapshotReport = z.object({ timestamp: z.iso.datetime(), metrics: z.array(metric) });
export type SnapshotReport = z.infer<typeof snapshotReport>;

/** The name of a metric, as a path takes it. */
export const metricName = storedText('write the name of a metric; see /api/observability/metrics/snapshot');

/** GET /api/observability/metrics/{name} */
export const metricReport = z.object({ timestamp: z.iso.datetime(), metric });
export type MetricReport = z.infer<typeof metricReport>;

/** GET /api/observability/dashboard */
export const dashboardReport = z.object({
  timestamp: z.iso.datetime(),
  health: healthReport,
  tools: z.array(toolHealth).describe('Worst first.'),
  totals: z.object({
    tools: z.int().min(0),
    total_invocations: z.int().min(0).describe('In the last 24 hours, as below.'),
    error_count: z.int().min(0),
    error_rate_pct: z.number().nullable().describe('Null without calls.'),
  }),
  metrics: z.array(metric),
});
export type DashboardReport = z.infer<typeof dashboardReport>;
