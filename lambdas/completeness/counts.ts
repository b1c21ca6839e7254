import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { HOUR_MS, MINUTE_MS } from '../contract/durations.ts';
import { CALL_DIMENSIONS, CALL_METRICS, NAMESPACE } from '../contract/metrics.ts';
import { countsReport } from '../contract/reports.ts';
import { queryApiAsOperator } from '../telemetry/query-api-as-operator.ts';
import type { Counts, ToolCounts } from './completeness.ts';

export interface CountRequest {
  service: string;
  functionPrefix: string;
  tools: readonly string[];
  /** The beginning of the hour, in milliseconds since 1970. */
  hourAt: number;
  correlationId: string;
}

const QUARTER_MS = 15 * MINUTE_MS;
const QUARTER_SECONDS = QUARTER_MS / 1_000;
const QUARTERS = HOUR_MS / QUARTER_MS;
/** The hour's quarters, the one before and the one after. */
const QUARTERS_AROUND = QUARTERS + 2;
/** CloudWatch takes 500 queries in one request, and each tool needs two. */
const MAX_TOOLS_PER_REQUEST = 250;

/** Counts by the beginning of their quarter, in milliseconds since 1970. */
type Series = Map<number, number>;

const queriesFor = ({ service, functionPrefix }: CountRequest, tool: string, index: number): MetricDataQuery[] => [
  {
    Id: `platform${index}`,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/Lambda',
        MetricName: 'Invocations',
        Dimensions: [{ Name: 'FunctionName', Value: `${functionPrefix}${tool}` }],
      },
      Period: QUARTER_SECONDS,
      Stat: 'Sum',
    },
  },
  {
    Id: `metrics${index}`,
    MetricStat: {
      Metric: {
        Namespace: NAMESPACE,
        MetricName: CALL_METRICS.duration,
        Dimensions: [
          { Name: CALL_DIMENSIONS.service, Value: service },
          { Name: CALL_DIMENSIONS.tool, Value: tool },
        ],
      },
      Period: QUARTER_SECONDS,
      Stat: 'SampleCount',
    },
  },
];

/** These tools' metrics, by query id. */
const readSeries = async (
  cloudwatch: CloudWatchClient,
  request: CountRequest,
  tools: readonly string[],
): Promise<Map<string, Series>> => {
  const seriesById = new Map<string, Series>();
  let NextToken: string | undefined;
  do {
    const page = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(request.hourAt - QUARTER_MS),
        EndTime: new Date(request.hourAt + HOUR_MS + QUARTER_MS),
        MetricDataQueries: tools.flatMap((tool, index) => queriesFor(request, tool, index)),
        NextToken,
      }),
    );
    for (const { Id = '', Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
      const series = seriesById.get(Id) ?? new Map<number, number>();
      Timestamps.forEach((at, index) => {
        series.set(at.getTime(), Values[index] ?? 0);
      });
      seriesById.set(Id, series);
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return seriesById;
};

/** The store's rows, by tool. Names outside of the deployment's list of tools have no function and are not compared. */
const readRowCounts = async ({ hourAt, correlationId }: CountRequest): Promise<Map<string, Series>> => {
  const { counts } = await queryApiAsOperator({
    path: '/v1/counts',
    query: { from: new Date(hourAt - QUARTER_MS).toISOString(), quarters: QUARTERS_AROUND },
    answer: countsReport,
    correlationId,
  });
  const seriesByTool = new Map<string, Series>();
  for (const { name, quarter, calls } of counts) {
    const series = seriesByTool.get(name) ?? new Map<number, number>();
    seriesByTool.set(name, series.set(Date.parse(quarter), calls));
  }
  return seriesByTool;
};

const sumAt = (series: Series | undefined, times: readonly number[]): number =>
  times.reduce((sum, at) => sum + (series?.get(at) ?? 0), 0);

const countsAt = (series: Record<keyof Counts, Series | undefined>, ...times: number[]): Counts => ({
  platform: sumAt(series.platform, times),
  metrics: sumAt(series.metrics, times),
  rows: sumAt(series.rows, times),
});

/** All tools' counts in one quarter of the hour. */
export interface QuarterCounts {
  /** The quarter's beginning, in milliseconds since 1970. */
  at: number;
  toolCounts: ToolCounts[];
}

/** All tools' counts in and around each quarter of the hour. Throws when CloudWatch or the api does not answer. */
export const countCalls = async (cloudwatch: CloudWatchClient, request: CountRequest): Promise<QuarterCounts[]> => {
  const rows = await readRowCounts(request);
  const quarters = Array.from({ length: QUARTERS }, (_, index): QuarterCounts => {
    return { at: request.hourAt + index * QUARTER_MS, toolCounts: [] };
  });
  for (let from = 0; from < request.tools.length; from += MAX_TOOLS_PER_REQUEST) {
    const tools = request.tools.slice(from, from + MAX_TOOLS_PER_REQUEST);
    const seriesById = await readSeries(cloudwatch, request, tools);
    for (const [index, tool] of tools.entries()) {
      const series = {
        platform: seriesById.get(`platform${index}`),
        metrics: seriesById.get(`metrics${index}`),
        rows: rows.get(tool),
      };
      for (const { at, toolCounts } of quarters) {
        const around = countsAt(series, at - QUARTER_MS, at, at + QUARTER_MS);
        toolCounts.push({ tool, quarter: countsAt(series, at), around });
      }
    }
  }
  return quarters;
};
