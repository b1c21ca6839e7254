import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type Metric,
  type MetricAlarm,
  type MetricDataQuery,
  paginateDescribeAlarms,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch';
import { DAY_MS, HOUR_MS } from '../../lambdas/contract/durations.ts';
import { EMITTED_METRICS } from '../../lambdas/contract/emitted-metrics.ts';
import {
  CALL_DIMENSIONS,
  CALL_METRICS,
  NAMESPACE,
  PROVIDER_DIMENSIONS,
  PROVIDER_METRICS,
} from '../../lambdas/contract/metrics.ts';
import { awsMetricSets } from '../../lib/metric-audit/aws-metrics.ts';
import { isInsightsQuery, parseInsightsQuery } from '../../lib/metric-audit/expressions.ts';
import type { Check, Finding } from './finding.ts';

/** CloudWatch lists a metric up to a quarter of an hour after its first value, and until two weeks after its last. */
const LISTED_AFTER_MS = HOUR_MS;
const LISTED_FOR_DAYS = 14;
/** CloudWatch answers a request with at most 100,800 values, which these have in two weeks of hours. */
const MAX_QUERIES = 250;

/** A metric that an alarm reads, or all those that a query selects by some of their dimensions. */
export interface ReadMetric {
  alarm: string;
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
  /** The names of its dimensions; of a query more than it states values of. */
  dimensionNames: readonly string[];
  /** When the alarm was last changed, in milliseconds since 1970. */
  alarmSince: number;
}

export interface ListedMetric {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
}

/** What a deployment's functions are called. */
export interface Writers {
  service: string;
  tools: readonly { name: string; provider?: string | undefined }[];
}

const toRecord = (dimensions: Metric['Dimensions'] = []): Record<string, string> =>
  Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));

type Described = Pick<
  MetricAlarm,
  'AlarmName' | 'AlarmConfigurationUpdatedTimestamp' | 'Namespace' | 'MetricName' | 'Dimensions' | 'Metrics'
>;

/** The metrics that an alarm reads, as CloudWatch describes it. */
export function metricsOfAlarm(alarm: Described): ReadMetric[] {
  const { AlarmName = '', AlarmConfigurationUpdatedTimestamp: since, Metrics = [] } = alarm;
  const common = { alarm: AlarmName, alarmSince: since?.getTime() ?? 0 };
  const read = ({ Namespace, MetricName, Dimensions }: Metric): ReadMetric[] => {
    if (Namespace === undefined || MetricName === undefined) return [];
    const dimensions = toRecord(Dimensions);
    return [{ ...common, namespace: Namespace, name: MetricName, dimensions, dimensionNames: Object.keys(dimensions) }];
  };
  const queried = ({ Expression = '' }: MetricDataQuery): ReadMetric[] => {
    const query = isInsightsQuery(Expression) ? parseInsightsQuery(Expression) : undefined;
    if (!query?.dimensions) return [];
    const { namespace, name, values: dimensions, dimensions: dimensionNames } = query;
    return [{ ...common, namespace, name, dimensions, dimensionNames }];
  };
  return [...read(alarm), ...Metrics.flatMap((query) => [...read(query.MetricStat?.Metric ?? {}), ...queried(query)])];
}

const hasValues = (listed: ListedMetric, { namespace, name, dimensions }: ReadMetric): boolean =>
  listed.namespace === namespace &&
  listed.name === name &&
  Object.entries(dimensions).every(([key, value]) => listed.dimensions[key] === value);

const hasNames = ({ dimensions }: ListedMetric, { dimensionNames }: ReadMetric): boolean =>
  Object.keys(dimensions).length === dimensionNames.length && dimensionNames.every((name) => name in dimensions);

/**
 * The functions each of whose runs writes the metric; none of a metric that is written only on trouble, or by what is
 * not a function of the deployment.
 */
function writersOf({ namespace, name, dimensions }: ReadMetric, { service, tools }: Writers): string[] {
  if (namespace === 'AWS/Lambda') {
    const isWritten = awsMetricSets(namespace).some(({ metrics }) => metrics[name] === 'on use');
    return isWritten && name !== 'AsyncEventAge' ? [dimensions.FunctionName ?? ''] : [];
  }
  const metric = namespace === NAMESPACE ? EMITTED_METRICS.find((emitted) => emitted.name === name) : undefined;
  if (!metric || metric.hoursPerMonth === 0) return [];
  if (metric.writtenBy !== 'wrapper') return [`${service}-${metric.writtenBy}`];
  const tool = dimensions[CALL_DIMENSIONS.tool];
  const provider = dimensions[PROVIDER_DIMENSIONS.provider];
  return tools
    .filter((listed) => tool === undefined || listed.name === tool)
    .filter((listed) => provider === undefined || listed.provider === provider)
    .map((listed) => `${service}-tool-${listed.name}`);
}

const describeDimensions = (dimensions: Readonly<Record<string, string>>): string =>
  Object.entries(dimensions)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');

/** What calls may leave out, so that its absence is no proof. */
const exceptionOf = ({ namespace, name }: ReadMetric): string =>
  namespace === NAMESPACE && (name === CALL_METRICS.error || name === PROVIDER_METRICS.failed)
    ? ', which calls that fail by their caller’s fault leave out'
    : '';

const isAlwaysWritten = ({ namespace, name }: ReadMetric): boolean =>
  awsMetricSets(namespace).some(({ metrics }) => metrics[name] === 'always');

interface Examined {
  listed: readonly ListedMetric[];
  /** How often each function ran, long enough ago for its metrics to be listed. */
  runs: ReadonlyMap<string, number>;
  writers: Writers;
  now: number;
}

/** What is wrong with a metric that an alarm reads: nothing while there was no occasion to write it. */
export function metricFindings(read: ReadMetric, { listed, runs, writers, now }: Examined): Finding[] {
  const ofSameValues = listed.filter((metric) => hasValues(metric, read));
  if (ofSameValues.some((metric) => hasNames(metric, read))) return [];
  const what = `${read.namespace} ${read.name} of ${describeDimensions(read.dimensions)}`;
  const [other] = read.namespace === NAMESPACE ? ofSameValues : [];
  if (other) {
    const written = Object.keys(other.dimensions).join(' and ');
    const remedy = 'Write it as lambdas/contract/emitted-metrics.ts says, in every function, and deploy them again.';
    return [{ what: `${read.alarm} reads nothing: ${what} is written by ${written}.`, remedy }];
  }
  const ran = writersOf(read, writers).find((name) => (runs.get(name) ?? 0) > 0);
  if (ran !== undefined) {
    const remedy =
      `Its lines do not become metrics: compare them with docs/line.md (npx toolwatch-check-line), and its log ` +
      'group, format and level with the template; npx cdk deploy.';
    return [{ what: `${read.alarm} reads nothing: ${ran} ran but wrote no ${what}${exceptionOf(read)}.`, remedy }];
  }
  if (!isAlwaysWritten(read) || now - read.alarmSince < LISTED_AFTER_MS) return [];
  const remedy = `Check that it exists, and what the alarm reads: aws cloudwatch describe-alarms --alarm-names ${read.alarm}`;
  return [{ what: `${read.alarm} reads nothing: AWS has written no ${what}.`, remedy }];
}

async function listReadMetrics(client: CloudWatchClient, expected: readonly string[]): Promise<ReadMetric[]> {
  const read: ReadMetric[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, { AlarmTypes: ['MetricAlarm'] }))
    read.push(
      ...MetricAlarms.filter(({ AlarmName = '' }) => expected.includes(AlarmName)).flatMap((alarm) =>
        metricsOfAlarm(alarm),
      ),
    );
  return read;
}

type Filter = Pick<ReadMetric, 'namespace' | 'dimensions'> & Partial<Pick<ReadMetric, 'name'>>;

async function listMetrics(client: CloudWatchClient, { namespace, name, dimensions }: Filter): Promise<ListedMetric[]> {
  const found: ListedMetric[] = [];
  const filter = {
    Namespace: namespace,
    ...(name === undefined ? {} : { MetricName: name }),
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  };
  for await (const { Metrics = [] } of paginateListMetrics({ client }, filter))
    found.push(
      ...Metrics.map(({ Namespace = '', MetricName = '', Dimensions }) => ({
        namespace: Namespace,
        name: MetricName,
        dimensions: toRecord(Dimensions),
      })),
    );
  return found;
}

/** How often each function ran in the time whose metrics are listed by now. */
async function countRuns(
  client: CloudWatchClient,
  functions: readonly string[],
  now: number,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const end = Math.floor((now - LISTED_AFTER_MS) / HOUR_MS) * HOUR_MS;
  for (let first = 0; first < functions.length; first += MAX_QUERIES) {
    const asked = functions.slice(first, first + MAX_QUERIES);
    const { MetricDataResults = [] } = await client.send(
      new GetMetricDataCommand({
        // A metric that was last written before is no longer listed.
        StartTime: new Date(end - (LISTED_FOR_DAYS - 1) * DAY_MS),
        EndTime: new Date(end),
        MetricDataQueries: asked.map((name, index) => ({
          Id: `f${index}`,
          MetricStat: {
            Metric: {
              Namespace: 'AWS/Lambda',
              MetricName: 'Invocations',
              Dimensions: [{ Name: 'FunctionName', Value: name }],
            },
            Period: HOUR_MS / 1_000,
            Stat: 'Sum',
          },
        })),
      }),
    );
    for (const { Id = '', Values = [] } of MetricDataResults) {
      const name = asked[Number(Id.slice(1))] ?? '';
      counts.set(name, (counts.get(name) ?? 0) + Values.reduce((sum, value) => sum + value, 0));
    }
  }
  return counts;
}

/**
 * Alarms that read a metric which ought to exist by now and does not: a broken connection, which an alarm that takes
 * missing data as good would never tell.
 */
export const metricsCheck = (client: CloudWatchClient, expected: readonly string[], writers: Writers): Check => ({
  title: 'metrics that alarms read',
  needs: ['cloudwatch:DescribeAlarms', 'cloudwatch:ListMetrics', 'cloudwatch:GetMetricData'],
  findings: async () => {
    const now = Date.now();
    const read = await listReadMetrics(client, expected);
    const ofAws = read.filter(({ namespace }) => namespace !== NAMESPACE);
    const listed = await listMetrics(client, {
      namespace: NAMESPACE,
      dimensions: { [CALL_DIMENSIONS.service]: writers.service },
    });
    for (const metric of ofAws) listed.push(...(await listMetrics(client, metric)));
    const functions = [...new Set(read.flatMap((metric) => writersOf(metric, writers)))];
    const runs = await countRuns(client, functions, now);
    const findings = read.flatMap((metric) => metricFindings(metric, { listed, runs, writers, now }));
    // An expression may read a metric by several statistics.
    return [...new Map(findings.map((finding) => [finding.what, finding])).values()];
  },
});
