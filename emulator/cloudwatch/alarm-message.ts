import type { Place } from '../place.ts';
import type { AlarmSeries } from './alarm-data.ts';
import type { CompositeAlarmProperties, MetricAlarmProperties } from './alarm-properties.ts';
import { type AlarmState, findComparison } from './alarm-state.ts';

/** One change of state of an alarm, or of one of its contributors. */
export interface Transition {
  alarm: string;
  arn: string;
  at: number;
  from: AlarmState;
  to: AlarmState;
  reason: string;
  /** The value of the dimension that the alarm groups by; empty when it does not group. */
  contributor: Readonly<Record<string, string>>;
}

/** The message that an alarm sends to a topic. */
export interface AlarmNotification {
  subject: string;
  message: Record<string, unknown>;
}

const REGION_NAMES: Record<string, string> = { 'us-east-1': 'US East (N. Virginia)' };
const regionName = ({ region }: Place): string => REGION_NAMES[region] ?? region;

/** As in messages: `2026-11-20T22:14:03.120+0000`. */
const formatTimestamp = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/** As in reasons: `0.5 (20/11/26 22:10:00)`. */
const formatDatapoint = (value: number, at: number): string => {
  const [, year, month, day, time] = /^\d\d(\d\d)-(\d\d)-(\d\d)T([\d:]{8})/.exec(new Date(at).toISOString()) ?? [];
  return `${+value.toFixed(6)} (${day}/${month}/${year} ${time})`;
};

const MISSING_DATA_WORDS = {
  breaching: 'Breaching',
  notBreaching: 'NonBreaching',
  ignore: 'Ignored',
  missing: 'Missing',
};

const noDatapointsReason = (windows: number, treatment: keyof typeof MISSING_DATA_WORDS): string => {
  const treated = `${windows} missing datapoint(s) were treated as [${MISSING_DATA_WORDS[treatment]}]`;
  return `Threshold Crossed: no datapoints were received for ${windows} period(s) and ${treated}.`;
};

/** Why a metric alarm is in its new state, in CloudWatch's words. */
export const reasonOf = (
  properties: MetricAlarmProperties,
  { points, band }: Pick<AlarmSeries, 'points' | 'band'>,
  starts: readonly number[],
  [from, to]: [AlarmState, AlarmState],
): string => {
  const { EvaluationPeriods: windows, DatapointsToAlarm: needed = windows, Threshold } = properties;
  const { words, breaches } = findComparison(properties.ComparisonOperator);
  const present = points
    .flatMap((value, index) => (value === undefined ? [] : [{ value, index, at: starts[index] ?? 0 }]))
    .slice(-windows);
  if (present.length === 0) return noDatapointsReason(windows, properties.TreatMissingData);
  const decisive = present.filter(({ value }) => breaches(value, Threshold ?? 0) === (to === 'ALARM'));
  const list = decisive.map(({ value, index, at }) => formatDatapoint(band?.values[index] ?? value, at)).join(', ');
  const edges = decisive.map(({ index }) => +(band?.upper[index] ?? 0).toFixed(6)).join(', ');
  const limit = band ? `the upper thresholds [${edges}]` : `the threshold (${Threshold})`;
  const verb = `${decisive.length === 1 ? 'was' : 'were'}${to === 'ALARM' ? '' : ' not'}`;
  const minimum = `minimum ${needed} datapoint${needed === 1 ? '' : 's'} for ${from} -> ${to} transition`;
  return [
    `Threshold Crossed: ${decisive.length} out of the last ${windows} datapoints`,
    `[${list}] ${verb} ${words} ${limit} (${minimum}).`,
  ].join(' ');
};

type CommonProperties = Pick<
  CompositeAlarmProperties,
  'AlarmDescription' | 'AlarmActions' | 'OKActions' | 'InsufficientDataActions'
> & { AlarmName: string };

const commonFields = (place: Place, properties: CommonProperties, transition: Transition, configuredAt: number) => ({
  AlarmName: properties.AlarmName,
  AlarmDescription: properties.AlarmDescription ?? null,
  AWSAccountId: place.account,
  AlarmConfigurationUpdatedTimestamp: formatTimestamp(configuredAt),
  NewStateValue: transition.to,
  NewStateReason: transition.reason,
  StateChangeTime: formatTimestamp(transition.at),
  Region: regionName(place),
  AlarmArn: transition.arn,
  OldStateValue: transition.from,
  OKActions: properties.OKActions,
  AlarmActions: properties.AlarmActions,
  InsufficientDataActions: properties.InsufficientDataActions,
});

const subjectOf = (place: Place, { alarm, to }: Transition): string => `${to}: "${alarm}" in ${regionName(place)}`;

const toMessageDimensions = (dimensions: MetricAlarmProperties['Dimensions']) =>
  dimensions.map(({ Name, Value }) => ({ value: Value, name: Name }));

const periodOf = ({ Period, Metrics }: MetricAlarmProperties): number | undefined =>
  Period ?? Metrics?.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period ?? Metrics?.[0]?.Period;

const singleMetricFields = (properties: MetricAlarmProperties) => ({
  MetricName: properties.MetricName,
  Namespace: properties.Namespace,
  ...(properties.ExtendedStatistic
    ? { StatisticType: 'ExtendedStatistic', ExtendedStatistic: properties.ExtendedStatistic }
    : { StatisticType: 'Statistic', Statistic: properties.Statistic?.toUpperCase() }),
  Unit: properties.Unit ?? null,
  Dimensions: toMessageDimensions(properties.Dimensions),
});

const metricFields = (metrics: NonNullable<MetricAlarmProperties['Metrics']>) =>
  metrics.map(({ MetricStat, ...query }) => ({
    ...query,
    ...(MetricStat && {
      MetricStat: {
        ...MetricStat,
        Metric: { ...MetricStat.Metric, Dimensions: toMessageDimensions(MetricStat.Metric.Dimensions) },
      },
    }),
  }));

const triggerOf = (properties: MetricAlarmProperties) => ({
  ...(!properties.Metrics && singleMetricFields(properties)),
  Period: periodOf(properties),
  EvaluationPeriods: properties.EvaluationPeriods,
  DatapointsToAlarm: properties.DatapointsToAlarm ?? properties.EvaluationPeriods,
  ComparisonOperator: properties.ComparisonOperator,
  ...(properties.ThresholdMetricId
    ? { ThresholdMetricId: properties.ThresholdMetricId }
    : { Threshold: properties.Threshold }),
  TreatMissingData: properties.TreatMissingData,
  EvaluateLowSampleCountPercentile: properties.EvaluateLowSampleCountPercentile,
  ...(properties.Metrics && { Metrics: metricFields(properties.Metrics) }),
});

/** The notification of a metric alarm, documented under "Notifying users on alarm changes". */
export const buildMetricAlarmNotification = (
  place: Place,
  properties: MetricAlarmProperties & { AlarmName: string },
  transition: Transition,
  configuredAt: number,
): AlarmNotification => ({
  subject: subjectOf(place, transition),
  message: {
    ...commonFields(place, properties, transition, configuredAt),
    Trigger: triggerOf(properties),
    ...(Object.keys(transition.contributor).length > 0 && {
      AlarmContributorId: Object.values(transition.contributor).join('/'),
      AlarmContributorAttributes: transition.contributor,
    }),
  },
});

/** The notification of a composite alarm. */
export const buildCompositeAlarmNotification = (
  place: Place,
  properties: CommonProperties & { AlarmRule: string },
  transition: Transition,
  children: readonly { arn: string; state: AlarmState; since: number }[],
  configuredAt: number,
): AlarmNotification => ({
  subject: subjectOf(place, transition),
  message: {
    ...commonFields(place, properties, transition, configuredAt),
    AlarmRule: properties.AlarmRule,
    TriggeringChildren: children.map(({ arn, state, since }) => ({
      Arn: arn,
      State: { Value: state, Timestamp: formatTimestamp(since) },
    })),
  },
});
