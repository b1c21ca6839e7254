import * as z from 'zod';

const dimensions = z.array(z.object({ Name: z.string(), Value: z.string() })).default([]);
const metricStat = z.object({
  Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
  Period: z.int().positive(),
  Stat: z.string(),
});
const metricDataQuery = z.strictObject({
  Id: z.string(),
  Expression: z.string().optional(),
  Label: z.string().optional(),
  MetricStat: metricStat.optional(),
  Period: z.int().positive().optional(),
  ReturnData: z.boolean().default(true),
});

const commonProperties = {
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().optional(),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: z.array(z.string()).default([]),
  OKActions: z.array(z.string()).default([]),
  InsufficientDataActions: z.array(z.string()).default([]),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
};

/** `AWS::CloudWatch::Alarm`. A property that is not listed is refused: it could change how the alarm evaluates. */
export const metricAlarmProperties = z.strictObject({
  ...commonProperties,
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensions,
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Unit: z.string().optional(),
  Period: z.int().positive().optional(),
  Metrics: z.array(metricDataQuery).optional(),
  EvaluationPeriods: z.int().min(1),
  DatapointsToAlarm: z.int().min(1).optional(),
  Threshold: z.number().optional(),
  /** The id of the band that replaces the threshold. */
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
});
export type MetricAlarmProperties = z.output<typeof metricAlarmProperties>;

/** `AWS::CloudWatch::CompositeAlarm`. */
export const compositeAlarmProperties = z.strictObject({
  ...commonProperties,
  AlarmRule: z.string(),
  /** A name or an ARN; both periods are in seconds. */
  ActionsSuppressor: z.string().optional(),
  ActionsSuppressorWaitPeriod: z.int().min(0).optional(),
  ActionsSuppressorExtensionPeriod: z.int().min(0).optional(),
});
export type CompositeAlarmProperties = z.output<typeof compositeAlarmProperties>;
