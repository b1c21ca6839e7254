import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import { readWidgets } from './dashboard-body.ts';
import { idsIn, isInsightsQuery, parseInsightsQuery, parseSearches, type SelectedMetrics } from './expressions.ts';
import { resolveProperty } from './resolved.ts';

/** Reads from the constructs what each alarm, anomaly detector and dashboard reads. */

/** A metric that something reads. The value of a dimension is text, a `ResourceName`, or known only at deployment. */
export interface MetricRead {
  readonly namespace: unknown;
  readonly name: unknown;
  /** The names of its dimensions; undefined where any will do. */
  readonly dimensions: readonly string[] | undefined;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What reads metrics, and with which words it cannot. */
export interface Reader {
  /** As in a sentence: `The alarm tool/greet/slow`. */
  readonly title: string;
  readonly construct: IConstruct;
  readonly reads: readonly MetricRead[];
  /** Why it cannot be evaluated: `reads x, which is no id of its queries`. */
  readonly problems: readonly string[];
}

interface Query {
  readonly id?: unknown;
  readonly expression?: unknown;
  readonly metricStat?: { readonly metric?: Metric };
}

interface Metric {
  readonly namespace?: unknown;
  readonly metricName?: unknown;
  readonly dimensions?: readonly { readonly name: string; readonly value: unknown }[];
}

type Found = Pick<Reader, 'reads' | 'problems'>;
const nothing: Found = { reads: [], problems: [] };

const merge = (found: readonly Found[]): Found => ({
  reads: found.flatMap(({ reads }) => reads),
  problems: found.flatMap(({ problems }) => problems),
});

const toRead = ({ namespace, metricName, dimensions = [] }: Metric): MetricRead => ({
  namespace,
  name: metricName,
  dimensions: dimensions.map(({ name }) => name),
  values: Object.fromEntries(dimensions.map(({ name, value }) => [name, value])),
});

const selected = (metrics: readonly SelectedMetrics[]): Found => ({ reads: metrics, problems: [] });

const unreadable = (expression: string): Found => ({
  reads: [],
  problems: [`reads "${expression}", of which one cannot tell what it reads; name its metrics`],
});

function readExpression(expression: unknown, ids: ReadonlySet<unknown>): Found {
  if (typeof expression !== 'string') return unreadable(JSON.stringify(expression));
  if (isInsightsQuery(expression)) {
    const query = parseInsightsQuery(expression);
    return query ? selected([query]) : unreadable(expression);
  }
  const missing = idsIn(expression).filter((id) => !ids.has(id));
  return merge([
    selected(parseSearches(expression)),
    { reads: [], problems: missing.map((id) => `uses ${id} in "${expression}", which is no id of its metrics`) },
  ]);
}

function readQueries(queries: readonly Query[]): Found {
  const ids = new Set(queries.map(({ id }) => id));
  return merge(
    queries.map(({ expression, metricStat }) => {
      if (metricStat?.metric) return { reads: [toRead(metricStat.metric)], problems: [] };
      return expression === undefined ? nothing : readExpression(expression, ids);
    }),
  );
}

function readAlarm(alarm: cloudwatch.CfnAlarm): Found {
  const { namespace, metricName, dimensions, metrics } = alarm;
  const { queries, ...metric } = resolveProperty(alarm, {
    namespace,
    metricName,
    dimensions,
    queries: metrics,
  }) as Metric & {
    queries?: Query[];
  };
  const found = queries ? readQueries(queries) : { reads: [toRead(metric)], problems: [] };
  const searches = (queries ?? []).filter(({ expression }) => /\bSEARCH\(/.test(String(expression)));
  return searches.length > 0 ? merge([found, { reads: [], problems: ['searches, which no alarm may'] }]) : found;
}

function readDetector(detector: cloudwatch.CfnAnomalyDetector): Found {
  const { namespace, metricName, dimensions, singleMetricAnomalyDetector, metricMathAnomalyDetector } = detector;
  const { single, math, ...metric } = resolveProperty(detector, {
    namespace,
    metricName,
    dimensions,
    single: singleMetricAnomalyDetector,
    math: metricMathAnomalyDetector,
  }) as Metric & { single?: Metric; math?: { metricDataQueries?: Query[] } };
  if (math) return readQueries(math.metricDataQueries ?? []);
  return { reads: [toRead(single ?? metric)], problems: [] };
}

/** One line of a widget: `[namespace, name, dimension, value, …, options]`, or `[{ expression }]`. */
function readLine(line: readonly unknown[], ids: ReadonlySet<unknown>): Found {
  const texts = line.filter((part): part is string => typeof part === 'string');
  const [options] = line.filter((part): part is Query => typeof part === 'object');
  if (options?.expression !== undefined) return readExpression(options.expression, ids);
  const [namespace, name, ...rest] = texts;
  const dimensions = rest.filter((_, index) => index % 2 === 0);
  const values = rest.filter((_, index) => index % 2 === 1);
  return {
    reads: [
      { namespace, name, dimensions, values: Object.fromEntries(dimensions.map((key, at) => [key, values[at]])) },
    ],
    problems: [],
  };
}

const readDashboard = (dashboard: cloudwatch.CfnDashboard): Found =>
  merge(
    readWidgets(dashboard).map(({ properties: { metrics = [] } = {} }) => {
      const options = metrics.flatMap((line) => line.filter((part): part is Query => typeof part === 'object'));
      const ids = new Set(options.map(({ id }) => id));
      return merge(metrics.map((line) => readLine(line, ids)));
    }),
  );

/** An alarm's name as in sentences. */
export const nameOf = (alarm: cloudwatch.CfnAlarm | cloudwatch.CfnCompositeAlarm): string => {
  const name = resolveProperty(alarm, alarm.alarmName);
  return typeof name === 'string' ? name : alarm.node.path;
};

/** Everything below a construct that reads metrics. */
export const findReaders = (scope: IConstruct): Reader[] =>
  scope.node.findAll().flatMap((construct): Reader[] => {
    if (construct instanceof cloudwatch.CfnAlarm) {
      return [{ title: `The alarm ${nameOf(construct)}`, construct, ...readAlarm(construct) }];
    }
    if (construct instanceof cloudwatch.CfnAnomalyDetector) {
      return [{ title: `The anomaly detector ${construct.node.path}`, construct, ...readDetector(construct) }];
    }
    if (construct instanceof cloudwatch.CfnDashboard) {
      return [{ title: `The dashboard ${construct.node.path}`, construct, ...readDashboard(construct) }];
    }
    return [];
  });
