import type { MetricAlarmProperties } from './alarm-properties.ts';
import { type AlarmEvaluation, findComparison, minSamplesFor } from './alarm-state.ts';
import { type Band, createBand } from './anomaly-band.ts';
import { type MathExpression, parseMath } from './metric-math.ts';
import { findStatistic, type MetricId, parsePercentile } from './metrics.ts';
import { type InsightsQuery, parseInsights } from './metrics-insights.ts';

type MetricDataQuery = NonNullable<MetricAlarmProperties['Metrics']>[number];
type LowSampleCount = MetricAlarmProperties['EvaluateLowSampleCountPercentile'];

/** A metric and the statistic an alarm reads of it. A window with fewer than `minSamples` values is not evaluated. */
export interface MetricStat {
  metric: MetricId;
  statistic: string;
  minSamples: number;
}

/** Where an alarm's datapoints come from. */
export type DatapointSource =
  | { kind: 'metric'; metricStat: MetricStat }
  | {
      kind: 'math';
      /** The id of the query whose values are the datapoints. */
      resultId: string;
      metricStats: Map<string, MetricStat>;
      expressions: Map<string, MathExpression>;
      /** The result is compared with this band instead of a threshold. */
      band?: Band;
    }
  | { kind: 'insights'; query: InsightsQuery };

/** What a metric alarm reads, and how it evaluates that. */
export interface AlarmDefinition {
  source: DatapointSource;
  periodMs: number;
  /** Windows begin at multiples of the period, and do not slide from minute to minute. */
  isAligned: boolean;
  evaluation: AlarmEvaluation;
}

const metricIdOf = (
  metric: Pick<NonNullable<MetricDataQuery['MetricStat']>['Metric'], 'Namespace' | 'MetricName' | 'Dimensions'>,
): MetricId => ({
  namespace: metric.Namespace,
  name: metric.MetricName,
  dimensions: Object.fromEntries(metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
});

const metricStatOf = (metric: MetricId, statistic: string, lowSampleCount: LowSampleCount): MetricStat => {
  findStatistic(statistic); // throws for an unknown statistic
  const percentile = parsePercentile(statistic);
  const hasMinimum = percentile !== undefined && lowSampleCount === 'ignore';
  return { metric, statistic, minSamples: hasMinimum ? minSamplesFor(percentile) : 0 };
};

/** Parses `ANOMALY_DETECTION_BAND(id, width)`. Throws for any other band. */
const parseBand = ({ ThresholdMetricId, Metrics = [] }: MetricAlarmProperties) => {
  if (ThresholdMetricId === undefined) return undefined;
  const { Expression = '' } = Metrics.find(({ Id }) => Id === ThresholdMetricId) ?? {};
  const [, metricId, width] = /^ANOMALY_DETECTION_BAND\((\w+), ?(\d+(?:\.\d+)?)\)$/.exec(Expression) ?? [];
  if (!metricId) throw new Error(`The emulator cannot read the band ${ThresholdMetricId} from "${Expression}"`);
  return { metricId, width: Number(width) };
};

interface SourceAndPeriod {
  source: DatapointSource;
  periodSeconds: number;
}

const singleMetricSource = (properties: MetricAlarmProperties): SourceAndPeriod => {
  const { Namespace, MetricName, Dimensions, Period, EvaluateLowSampleCountPercentile: lowSampleCount } = properties;
  const statistic = properties.ExtendedStatistic ?? properties.Statistic;
  if (!Namespace || !MetricName || !Period || !statistic) {
    throw new Error('An alarm needs a metric, a statistic and a period');
  }
  const metric = metricIdOf({ Namespace, MetricName, Dimensions });
  return {
    source: { kind: 'metric', metricStat: metricStatOf(metric, statistic, lowSampleCount) },
    periodSeconds: Period,
  };
};

const findCommonPeriod = (queries: readonly MetricDataQuery[]): number => {
  const periods = new Set(queries.flatMap(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? []));
  const [period, ...others] = periods;
  if (!period || others.length > 0) throw new Error('All metrics of an alarm must have the same period');
  return period;
};

const mathSource = (
  result: MetricDataQuery,
  queries: readonly MetricDataQuery[],
  bandWidth: number | undefined,
  lowSampleCount: LowSampleCount,
): SourceAndPeriod => {
  const metricStats = new Map<string, MetricStat>();
  const expressions = new Map<string, MathExpression>();
  for (const { Id, Expression, MetricStat } of queries) {
    if (Expression) expressions.set(Id, parseMath(Expression));
    if (MetricStat) metricStats.set(Id, metricStatOf(metricIdOf(MetricStat.Metric), MetricStat.Stat, lowSampleCount));
  }
  const periodSeconds = findCommonPeriod(queries);
  const band = bandWidth === undefined ? {} : { band: createBand(bandWidth, periodSeconds * 1_000) };
  return { source: { kind: 'math', resultId: result.Id, metricStats, expressions, ...band }, periodSeconds };
};

const sourceOf = (properties: MetricAlarmProperties): SourceAndPeriod => {
  const { Metrics, ThresholdMetricId, EvaluateLowSampleCountPercentile: lowSampleCount } = properties;
  if (!Metrics) return singleMetricSource(properties);
  const band = parseBand(properties);
  const queries = Metrics.filter(({ Id }) => Id !== ThresholdMetricId);
  const [result, ...others] = queries.filter(({ ReturnData }) => ReturnData);
  if (!result || others.length > 0) throw new Error('Exactly one of Metrics, apart from a band, must return data');
  if (band && band.metricId !== result.Id) {
    throw new Error(`The band ${ThresholdMetricId} must be around ${result.Id}, which is compared with it`);
  }
  if (result.Expression?.startsWith('SELECT')) {
    if (!result.Period) throw new Error('A Metrics Insights query needs a period');
    return { source: { kind: 'insights', query: parseInsights(result.Expression) }, periodSeconds: result.Period };
  }
  return mathSource(result, queries, band?.width, lowSampleCount);
};

/** What the alarm reads, and how it evaluates that. Throws for what the emulator cannot do as CloudWatch does. */
export const definitionOf = (properties: MetricAlarmProperties): AlarmDefinition => {
  const { source, periodSeconds } = sourceOf(properties);
  const { breaches, against } = findComparison(properties.ComparisonOperator);
  const hasBand = properties.ThresholdMetricId !== undefined;
  if (hasBand !== (against === 'band')) throw new Error(`${properties.ComparisonOperator} needs a ${against}`);
  const { Threshold: threshold = 0 } = properties;
  if (!hasBand && properties.Threshold === undefined) throw new Error('An alarm needs a threshold');
  return {
    source,
    periodMs: periodSeconds * 1_000,
    isAligned: 'WallClockWindow' in properties.EvaluationWindow,
    evaluation: {
      windows: properties.EvaluationPeriods,
      breachingWindows: properties.DatapointsToAlarm ?? properties.EvaluationPeriods,
      breaches: (value) => breaches(value, threshold),
      missingData: properties.TreatMissingData,
    },
  };
};

/** The metrics an alarm names; a Metrics Insights query names none. */
export const metricsOf = ({ source }: AlarmDefinition): MetricId[] => {
  if (source.kind === 'metric') return [source.metricStat.metric];
  return source.kind === 'math' ? [...source.metricStats.values()].map(({ metric }) => metric) : [];
};
