import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { CompletenessReport } from '../contract/completeness-report.ts';
import { HOUR_MS } from '../contract/durations.ts';
import { CALL_DIMENSIONS, NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import type { OperationHandlers } from './operator.ts';

interface CompletenessParts {
  readonly cloudwatch: CloudWatchClient;
  readonly deployment: string;
  readonly now: () => number;
}

/** By the field of an hour, the metric it is read from, and which of the hour's values counts. */
const FIGURES = {
  completeness_pct: [PIPELINE_METRICS.completeness, 'Minimum'],
  rejects: [PIPELINE_METRICS.ingestRejects, 'Sum'],
  lag_seconds: [PIPELINE_METRICS.ingestLag, 'Maximum'],
  retained_payloads: [PIPELINE_METRICS.retainedPayloads, 'Maximum'],
} as const;
type Figure = keyof typeof FIGURES;
const NAMES = Object.keys(FIGURES) as Figure[];

/** Each figure's values by the beginning of their hour, in milliseconds since 1970. An answer holds them all. */
const readFigures = async ({ cloudwatch, deployment }: CompletenessParts, from: number, until: number) => {
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(from),
      EndTime: new Date(until),
      MetricDataQueries: NAMES.map((name) => ({
        Id: name,
        MetricStat: {
          Metric: {
            Namespace: NAMESPACE,
            MetricName: FIGURES[name][0],
            Dimensions: [{ Name: CALL_DIMENSIONS.service, Value: deployment }],
          },
          Period: HOUR_MS / 1_000,
          Stat: FIGURES[name][1],
        },
      })),
    }),
  );
  const byName = new Map(
    MetricDataResults.map(({ Id, Timestamps = [], Values = [] }) => [
      Id,
      new Map(Timestamps.map((at, index) => [at.getTime(), Values[index]])),
    ]),
  );
  return (name: Figure, hour: number): number | null => byName.get(name)?.get(hour) ?? null;
};

const readReport = async (parts: CompletenessParts, hours: number): Promise<CompletenessReport> => {
  const until = (Math.floor(parts.now() / HOUR_MS) + 1) * HOUR_MS;
  const from = until - hours * HOUR_MS;
  const figureOf = await readFigures(parts, from, until);
  const rows = Array.from({ length: hours }, (_, index) => {
    const hour = from + index * HOUR_MS;
    return {
      hour: new Date(hour).toISOString(),
      completeness_pct: figureOf('completeness_pct', hour),
      rejects: figureOf('rejects', hour),
      lag_seconds: figureOf('lag_seconds', hour),
      retained_payloads: figureOf('retained_payloads', hour),
    };
  });
  const measured = rows.flatMap(({ completeness_pct }) => completeness_pct ?? []);
  return {
    from: new Date(from).toISOString(),
    until: new Date(until).toISOString(),
    hours: rows,
    lowest_pct: measured.length === 0 ? null : Math.min(...measured),
    measured_at: rows.findLast(({ completeness_pct }) => completeness_pct !== null)?.hour ?? null,
  };
};

/** How many calls became a metric and a row, and how soon, by the hour: the metrics of the pipeline as CloudWatch has them. */
export const createCompletenessHandlers = (
  parts: CompletenessParts,
): Pick<OperationHandlers, 'GET /v1/completeness'> => ({
  'GET /v1/completeness': { perform: ({ query: { hours } }) => readReport(parts, hours) },
});
