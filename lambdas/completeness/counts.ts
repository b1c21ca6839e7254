import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { CALL_DIMENSIONS, CALL_METRICS, NAMESPACE } from '../contract/metrics.ts';
import { countsReport } from '../contract/reports.ts';
import { queryApi } from '../telemetry/query-api.ts';
import type { Counted, Counts } from './completeness.ts';

export interface CountRequest {
  service: string;
  functionPrefix: string;
  tools: readonly string[];
  /** The beginning of the hour, in milliseconds. */
  hourAt: number;
  correlationId: string;
}

const QUARTER_MS = 15 * 60_000;
const QUARTERS = 4;
export const HOUR_MS = QUARTERS * QUARTER_MS;
/** The hour's, and the one before and the one after. */
const QUARTERS_AROUND = QUARTERS + 2;
const QUARTER_SECONDS = QUARTER_MS / 1_000;
/** CloudWatch's own limit, and two are asked for each tool. */
const TOOLS_AT_ONCE = 250;
const API_PATIENCE_MS = 30_000;

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
        MetricName: CALL_METRICS.error,
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

/** What metrics say of these tools, by the queries' ids and each quarter's beginning. */
const seriesOf = async (cloudwatch: CloudWatchClient, asked: CountRequest, tools: readonly string[]) => {
  const series = new Map<string, Series>();
  let NextToken: string | undefined;
  do {
    const answer = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(asked.hourAt - QUARTER_MS),
        EndTime: new Date(asked.hourAt + HOUR_MS + QUARTER_MS),
        MetricDataQueries: tools.flatMap((tool, index) => queriesFor(asked, tool, index)),
        NextToken,
      }),
    );
    for (const { Id = '', Timestamps = [], Values = [] } of answer.MetricDataResults ?? []) {
      const known = series.get(Id) ?? new Map<number, number>();
      Timestamps.forEach((at, index) => {
        known.set(at.getTime(), Values[index] ?? 0);
      });
      series.set(Id, known);
    }
    NextToken = answer.NextToken;
  } while (NextToken);
  return series;
};

/** Rows in the store, by tool and each quarter's beginning. Tools of no list have no function, and are not asked about. */
const rowsOf = async ({ hourAt, correlationId }: CountRequest): Promise<Map<string, Series>> => {
  const { counts } = await queryApi({
    path: '/v1/counts',
    query: { from: new Date(hourAt - QUARTER_MS).toISOString(), quarters: QUARTERS_AROUND },
    answer: countsReport,
    correlationId,
    tenant: undefined,
    signal: AbortSignal.timeout(API_PATIENCE_MS),
  });
  const rows = new Map<string, Series>();
  for (const { name, quarter, calls } of counts) {
    rows.set(name, (rows.get(name) ?? new Map<number, number>()).set(Date.parse(quarter), calls));
  }
  return rows;
};

/** Every tool's counts of one quarter of the hour. */
export interface CountedQuarter {
  /** Its beginning, in milliseconds. */
  at: number;
  counted: Counted[];
}

/** Every tool's counts of each quarter of the hour, and around it. Throws when CloudWatch or the api does not answer. */
export const countCalls = async (cloudwatch: CloudWatchClient, asked: CountRequest): Promise<CountedQuarter[]> => {
  const rows = await rowsOf(asked);
  const quarters = Array.from({ length: QUARTERS }, (_, index): CountedQuarter => {
    return { at: asked.hourAt + index * QUARTER_MS, counted: [] };
  });
  for (let from = 0; from < asked.tools.length; from += TOOLS_AT_ONCE) {
    const tools = asked.tools.slice(from, from + TOOLS_AT_ONCE);
    const series = await seriesOf(cloudwatch, asked, tools);
    for (const [index, tool] of tools.entries()) {
      const of: Record<keyof Counts, Series | undefined> = {
        platform: series.get(`platform${index}`),
        metrics: series.get(`metrics${index}`),
        rows: rows.get(tool),
      };
      const within = (...times: number[]): Counts => {
        const sum = (series: Series | undefined) => times.reduce((all, at) => all + (series?.get(at) ?? 0), 0);
        return { platform: sum(of.platform), metrics: sum(of.metrics), rows: sum(of.rows) };
      };
      for (const { at, counted } of quarters) {
        counted.push({ tool, quarter: within(at), around: within(at - QUARTER_MS, at, at + QUARTER_MS) });
      }
    }
  }
  return quarters;
};
