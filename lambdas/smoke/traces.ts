import { type CloudWatchClient, GetMetricDataCommand, type Metric } from '@aws-sdk/client-cloudwatch';
import { type Call, callsReport } from '../contract/api/calls.ts';
import type { Connection } from '../contract/connections.ts';
import { MINUTE_MS } from '../contract/durations.ts';
import { CALL_DIMENSIONS, CALL_METRICS, NAMESPACE } from '../contract/metrics.ts';
import { queryApiAsOperator } from '../telemetry/query-api-as-operator.ts';
import { BrokenConnection, reasonOf } from './connection.ts';
import { pollUntilFound } from './poll.ts';

/** A call whose metric and row are looked for. */
export interface TracedCall {
  /** The name of the ingest function. */
  ingest: string;
  service: string;
  tool: string;
  correlationId: string;
  /** When the call was made, in milliseconds since 1970. */
  calledAt: number;
  /** How long to wait for the metric and the row, in milliseconds. */
  timeoutMs: number;
}

/** The sum of a metric's statistic since the minute of the call. */
const sumSinceCall = async (
  cloudwatch: CloudWatchClient,
  calledAt: number,
  stat: 'Sum' | 'SampleCount',
  metric: Metric,
): Promise<number> => {
  const { MetricDataResults } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(Math.floor(calledAt / MINUTE_MS) * MINUTE_MS),
      EndTime: new Date(Math.ceil((Date.now() + 1) / MINUTE_MS) * MINUTE_MS),
      MetricDataQueries: [{ Id: 'counted', MetricStat: { Metric: metric, Period: 60, Stat: stat } }],
    }),
  );
  return (MetricDataResults?.[0]?.Values ?? []).reduce((sum, value) => sum + value, 0);
};

const countCallsInMetrics = (cloudwatch: CloudWatchClient, { service, tool, calledAt }: TracedCall): Promise<number> =>
  sumSinceCall(cloudwatch, calledAt, 'SampleCount', {
    Namespace: NAMESPACE,
    MetricName: CALL_METRICS.duration,
    Dimensions: [
      { Name: CALL_DIMENSIONS.service, Value: service },
      { Name: CALL_DIMENSIONS.tool, Value: tool },
    ],
  });

/** The connection that lost the row: the one to ingest when ingest never ran, else the one from ingest to the store. */
const findConnectionThatLostRow = async (
  cloudwatch: CloudWatchClient,
  { ingest, calledAt }: TracedCall,
): Promise<Connection> => {
  const runs = await sumSinceCall(cloudwatch, calledAt, 'Sum', {
    Namespace: 'AWS/Lambda',
    MetricName: 'Invocations',
    Dimensions: [{ Name: 'FunctionName', Value: ingest }],
  });
  return runs > 0 ? 'ingest → store' : 'log → ingest';
};

/** The row of the call, among those of the api's requests, which are made on behalf of it. */
const findRow = async ({ correlationId, tool }: TracedCall): Promise<Call | undefined> => {
  const { calls } = await queryApiAsOperator({
    path: '/v1/calls',
    query: { correlation_id: correlationId, tool },
    answer: callsReport,
    correlationId,
  });
  return calls[0];
};

/** Waits for the call's metric and row. Throws a `BrokenConnection` for the first connection that lost one of them. */
export const findTraces = async (cloudwatch: CloudWatchClient, call: TracedCall): Promise<void> => {
  const { correlationId, timeoutMs, tool } = call;
  const failAs = (connection: Connection) => (error: unknown) => {
    throw new BrokenConnection(connection, reasonOf(error));
  };
  // The first that fails ends both.
  const [metric, row] = await Promise.all([
    pollUntilFound(async () => (await countCallsInMetrics(cloudwatch, call)) || undefined, timeoutMs).catch(
      failAs('log → metrics'),
    ),
    pollUntilFound(() => findRow(call), timeoutMs).catch(failAs('api → store')),
  ]);
  const waited = `${Math.round(timeoutMs / 1_000)} s after the call ${correlationId} there is`;
  if (!metric && !row) throw new BrokenConnection('tool → log', `${waited} neither its metric nor its row`);
  if (!metric) throw new BrokenConnection('log → metrics', `${waited} no metric of ${tool}`);
  if (!row) throw new BrokenConnection(await findConnectionThatLostRow(cloudwatch, call), `${waited} no row`);
};
