import { type CloudWatchClient, GetMetricDataCommand, type Metric } from '@aws-sdk/client-cloudwatch';
import type { Connection } from '../contract/connections.ts';
import { CALL_DIMENSIONS, CALL_METRICS, NAMESPACE } from '../contract/metrics.ts';
import { type Call, callsReport } from '../contract/reports.ts';
import { queryApi } from '../telemetry/query-api.ts';
import { BrokenConnection, found, reasonOf } from './connection.ts';

export interface Traces {
  /** The function that stores calls. */
  ingest: string;
  service: string;
  tool: string;
  correlationId: string;
  /** When the call was made, in milliseconds. */
  calledAt: number;
  /** How long a metric or a row may take, in milliseconds. */
  timeoutMs: number;
}

const MINUTE_MS = 60_000;
const API_PATIENCE_MS = 30_000;

/** A statistic of a metric, added up since the call's minute. */
const sinceTheCall = async (
  cloudwatch: CloudWatchClient,
  calledAt: number,
  stat: 'Sum' | 'SampleCount',
  metric: Metric,
): Promise<number> => {
  const { MetricDataResults } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(Math.floor(calledAt / MINUTE_MS) * MINUTE_MS),
      EndTime: new Date(Math.ceil((Date.now() + 1) / MINUTE_MS) * MINUTE_MS),
      MetricDataQueries: [
        {
          Id: 'counted',
          MetricStat: { Metric: metric, Period: 60, Stat: stat },
        },
      ],
    }),
  );
  return (MetricDataResults?.[0]?.Values ?? []).reduce((sum, value) => sum + value, 0);
};

const callsInMetrics = (cloudwatch: CloudWatchClient, { service, tool, calledAt }: Traces): Promise<number> =>
  sinceTheCall(cloudwatch, calledAt, 'SampleCount', {
    Namespace: NAMESPACE,
    MetricName: CALL_METRICS.error,
    Dimensions: [
      { Name: CALL_DIMENSIONS.service, Value: service },
      { Name: CALL_DIMENSIONS.tool, Value: tool },
    ],
  });

/** Which arrow lost the row: the one to ingest when ingest never ran, else the one from there. */
const whereTheRowIsLost = async (cloudwatch: CloudWatchClient, { ingest, calledAt }: Traces): Promise<Connection> => {
  const runs = await sinceTheCall(cloudwatch, calledAt, 'Sum', {
    Namespace: 'AWS/Lambda',
    MetricName: 'Invocations',
    Dimensions: [{ Name: 'FunctionName', Value: ingest }],
  });
  return runs > 0 ? 'ingest → store' : 'log → ingest';
};

const rowOf = async ({ correlationId }: Traces): Promise<Call | undefined> => {
  const { calls } = await queryApi({
    path: '/v1/calls',
    query: { correlation_id: correlationId },
    answer: callsReport,
    correlationId,
    tenant: undefined,
    signal: AbortSignal.timeout(API_PATIENCE_MS),
  });
  return calls[0];
};

/** Waits for the call's metric and its row; throws a `BrokenArrow` for the first arrow that did not carry them. */
export const findTraces = async (cloudwatch: CloudWatchClient, traces: Traces): Promise<void> => {
  const { correlationId, timeoutMs: patienceMs, tool } = traces;
  const [metric, row] = await Promise.allSettled([
    found(async () => (await callsInMetrics(cloudwatch, traces)) || undefined, patienceMs),
    found(() => rowOf(traces), patienceMs),
  ]);
  const waited = `${Math.round(patienceMs / 1_000)} s after the call ${correlationId} there is`;
  if (row.status === 'rejected') throw new BrokenConnection('api → store', reasonOf(row.reason));
  if (metric.status === 'rejected') throw new BrokenConnection('log → metrics', reasonOf(metric.reason));
  if (!metric.value && !row.value) throw new BrokenConnection('tool → log', `${waited} neither its metric nor its row`);
  if (!metric.value) throw new BrokenConnection('log → metrics', `${waited} no metric of ${tool}`);
  if (!row.value) throw new BrokenConnection(await whereTheRowIsLost(cloudwatch, traces), `${waited} no row`);
};
