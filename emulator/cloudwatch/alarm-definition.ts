import * as z from 'zod';
import { type AlarmEvaluation, comparisonNamed, samplesNeeded } from './alarm-state.ts';
import { type Band, createBand } from './anomaly-band.ts';
import { parseMath } from './metric-math.ts';
import { type MetricId, percentileIn, statisticNamed } from './metrics.ts';
import { parseInsights } from './metrics-insights.ts';

const dimensions = z.array(z.object({ Name: z.string(), Value: z.string() })).default([]);
const metricStat = z.object({
  Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
  Period: z.int().positive(),
  Stat: z.string(),
});
const query = z.strictObject({
  Id: z.string(),
  Expression: z.string().optional(),
  Label: z.string().optional(),
  MetricStat: metricStat.optional(),
  Period: z.int().positive().optional(),
  ReturnData: z.boolean().default(true),
});

/** The alarm as the template has it. A property that would change how it judges and is unknown here is refused. */
export const alarmProperties = z.strictObject({
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().optional(),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: z.array(z.string()).default([]),
  OKActions: z.array(z.string()).default([]),
  InsufficientDataActions: z.array(z.string()).default([]),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensions,
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Unit: z.string().optional(),
  Period: z.int().positive().optional(),
  Metrics: z.array(query).optional(),
  EvaluationPeriods: z.int().min(1),
  DatapointsToAlarm: z.int().min(1).optional(),
  Threshold: z.number().optional(),
  /** The band that stands in for a threshold. */
  ThresholdMetricId: z.string().optional(),
  ComparisonOperator: z.string(),
  TreatMissingData: z.enum(['breaching', 'notBreaching', 'ignore', 'missing']).default('missing'),
  EvaluateLowSampleCountPercentile: z.enum(['evaluate', 'ignore']).default('evaluate'),
  WarmUpConfiguration: z
    .strictObject({
      WarmUpPeriodDurationInMinutes: z.int().min(1),
      OnlyStartEvaluatingAfterWarmUpPeriodEnds: z.boolean().default(false),
    })
    .optional(),
  EvaluationWindow: z
    .union([
      z.strictObject({ SlidingWindow: z.strictObject({}) }),
      z.strictObject({ WallClockWindow: z.strictObject({}) }),
    ])
    .default({ SlidingWindow: {} }),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
});
export type AlarmProperties = z.output<typeof alarmProperties>;

/** A metric and its statistic; below `samplesNeeded` values a window of it is not judged. */
export interface Reading {
  metric: MetricId;
  statistic: string;
  samplesNeeded: number;
}

/** Where an alarm's datapoints come from. */
export type Source =
  | { kind: 'metric'; reading: Reading }
  | {
      kind: 'math';
      result: string;
      readings: Map<string, Reading>;
      expressions: Map<string, ReturnType<typeof parseMath>>;
      /** What the result is held against, where that is not one number. */
      band?: Band;
    }
  | { kind: 'insights'; query: ReturnType<typeof parseInsights> };

export interface Definition {
  source: Source;
  periodMs: number;
  /** Windows end when the clock says so, and not with every minute. */
  aligned: boolean;
  rule: AlarmEvaluation;
}

const idOf = (metric: {
  Namespace: string;
  MetricName: string;
  Dimensions: z.output<typeof dimensions>;
}): MetricId => ({
  namespace: metric.Namespace,
  name: metric.MetricName,
  dimensions: Object.fromEntries(metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
});

const readingOf = (
  metric: MetricId,
  statistic: string,
  lowSamples: AlarmProperties['EvaluateLowSampleCountPercentile'],
): Reading => {
  statisticNamed(statistic);
  const percentile = percentileIn(statistic);
  const ignores = percentile !== undefined && lowSamples === 'ignore';
  return { metric, statistic, samplesNeeded: ignores ? samplesNeeded(percentile) : 0 };
};

/** Reads `ANOMALY_DETECTION_BAND(id, width)`. Throws for any other band. */
const bandOf = ({ ThresholdMetricId, Metrics = [] }: AlarmProperties) => {
  if (ThresholdMetricId === undefined) return undefined;
  const { Expression = '' } = Metrics.find(({ Id }) => Id === ThresholdMetricId) ?? {};
  const [, around, width] = /^ANOMALY_DETECTION_BAND\((\w+), ?(\d+(?:\.\d+)?)\)$/.exec(Expression) ?? [];
  if (!around) throw new Error(`the local run cannot read the band ${ThresholdMetricId} from "${Expression}"`);
  return { around, width: Number(width) };
};

const sourceOf = (properties: AlarmProperties): { source: Source; period: number } => {
  const { Metrics, Namespace, MetricName, Period, EvaluateLowSampleCountPercentile: lowSamples } = properties;
  if (!Metrics) {
    const statistic = properties.ExtendedStatistic ?? properties.Statistic;
    if (!Namespace || !MetricName || !Period || !statistic)
      throw new Error('an alarm needs a metric, a statistic and a period');
    const metric = idOf({ Namespace, MetricName, Dimensions: properties.Dimensions });
    return { source: { kind: 'metric', reading: readingOf(metric, statistic, lowSamples) }, period: Period };
  }
  const band = bandOf(properties);
  const queries = Metrics.filter(({ Id }) => Id !== properties.ThresholdMetricId);
  const [result, ...more] = queries.filter(({ ReturnData }) => ReturnData);
  if (!result || more.length > 0) throw new Error('exactly one of Metrics must return data, beside a band');
  if (band && band.around !== result.Id) throw new Error('a band must be around what it is the threshold of');
  if (result.Expression?.startsWith('SELECT')) {
    if (!result.Period) throw new Error('a query needs a period');
    return { source: { kind: 'insights', query: parseInsights(result.Expression) }, period: result.Period };
  }
  const readings = new Map<string, Reading>();
  const expressions = new Map<string, ReturnType<typeof parseMath>>();
  const periods = new Set<number>();
  for (const { Id, Expression, MetricStat, Period: own } of queries) {
    if (Expression) expressions.set(Id, parseMath(Expression));
    if (MetricStat) readings.set(Id, readingOf(idOf(MetricStat.Metric), MetricStat.Stat, lowSamples));
    const period = MetricStat?.Period ?? own;
    if (period) periods.add(period);
  }
  const [period, ...others] = periods;
  if (!period || others.length > 0) throw new Error('the metrics of an alarm need one period, the same for all');
  const held = band ? { band: createBand(band.width, period * 1_000) } : {};
  return { source: { kind: 'math', result: result.Id, readings, expressions, ...held }, period };
};

/** What the alarm judges and how. Throws, in words, for what the local run cannot do as CloudWatch would. */
export const definitionOf = (properties: AlarmProperties): Definition => {
  const { source, period } = sourceOf(properties);
  const { breaches, against } = comparisonNamed(properties.ComparisonOperator);
  const isBand = properties.ThresholdMetricId !== undefined;
  if (isBand !== (against === 'band')) throw new Error(`${properties.ComparisonOperator} wants a ${against}`);
  const { Threshold: threshold = 0 } = properties;
  if (!isBand && properties.Threshold === undefined) throw new Error('an alarm needs a threshold');
  return {
    source,
    periodMs: period * 1_000,
    aligned: 'WallClockWindow' in properties.EvaluationWindow,
    rule: {
      windows: properties.EvaluationPeriods,
      badWindows: properties.DatapointsToAlarm ?? properties.EvaluationPeriods,
      breaches: (value) => breaches(value, threshold),
      missing: properties.TreatMissingData,
    },
  };
};

/** The metrics an alarm reads; a query names none. */
export const metricsOf = ({ source }: Definition): MetricId[] => {
  if (source.kind === 'metric') return [source.reading.metric];
  return source.kind === 'math' ? [...source.readings.values()].map(({ metric }) => metric) : [];
};
