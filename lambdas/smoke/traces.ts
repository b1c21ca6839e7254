import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CALL_DIMENSIONS, CALL_METRICS, NAMESPACE } from '../contract/metrics.ts';
import { type Call, callsReport } from '../contract/reports.ts';
import { askApi } from '../telemetry/ask-api.ts';
import { BrokenArrow, found, reasonOf } from './arrow.ts';

export interface Traces {
  service: string;
  tool: string;
  correlationId: string;
  /** When the call was made, in milliseconds. */
  calledAt: number;
  /** How long a metric or a row may take, in milliseconds. */
  patienceMs: number;
}

const MINUTE_MS = 60_000;
const API_PATIENCE_MS = 30_000;

/** How many calls of the tool the metrics know of since the call's minute. */
const callsInMetrics = async (cloudwatch: CloudWatchClient, { service, tool, calledAt }: Traces): Promise<number> => {
  const { MetricDataResults } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(Math.floor(calledAt / MINUTE_MS) * MINUTE_MS),
      EndTime: new Date(Math.ceil((Date.now() + 1) / MINUTE_MS) * MINUTE_MS),
      MetricDataQueries: [
        {
          Id: 'calls',
          MetricStat: {
            Metric: {
              Namespace: NAMESPACE,
              MetricName: CALL_METRICS.error,
              Dimensions: [
                { Name: CALL_DIMENSIONS.service, Value: service },
                { Name: CALL_DIMENSIONS.tool, Value: tool },
              ],
            },
            Period: 60,
            Stat: 'SampleCount',
          },
        },
      ],
    }),
  );
  return (MetricDataResults?.[0]?.Values ?? []).reduce((sum, value) => sum + value, 0);
};

const rowOf = async ({ correlationId }: Traces): Promise<Call | undefined> => {
  const { calls } = await askApi({
    path: '/v1/calls',
    query: { correlation_id: correlationId },
    answer: callsReport,
    correlationId,
    signal: AbortSignal.timeout(API_PATIENCE_MS),
  });
  return calls[0];
};

/** Waits for the call's metric and its row; throws a `BrokenArrow` for the first arrow that did not carry them. */
export const findTraces = async (cloudwatch: CloudWatchClient, traces: Traces): Promise<void> => {
  const { correlationId, patienceMs, tool } = traces;
  const [metric, row] = await Promise.allSettled([
    found(async () => (await callsInMetrics(cloudwatch, traces)) || undefined, patienceMs),
    found(() => rowOf(traces), patienceMs),
  ]);
  const waited = `${Math.round(patienceMs / 1_000)} s after the call ${correlationId} there is`;
  if (row.status === 'rejected') throw new BrokenArrow('api → store', reasonOf(row.reason));
  if (metric.status === 'rejected') throw new BrokenArrow('log → metrics', reasonOf(metric.reason));
  if (!metric.value && !row.value) throw new BrokenArrow('tool → log', `${waited} neither its metric nor its row`);
  if (!metric.value) throw new BrokenArrow('log → metrics', `${waited} no metric of ${tool}`);
  if (!row.value) throw new BrokenArrow('log → ingest → store', `${waited} no row`);
};
