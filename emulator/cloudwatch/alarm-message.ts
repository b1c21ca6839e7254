import type { Place } from '../place.ts';
import type { Line } from './alarm-data.ts';
import type { AlarmProperties } from './alarm-definition.ts';
import { type AlarmState, comparisonNamed } from './alarm-state.ts';

/** One change of an alarm's state, or of one contributor's. */
export interface Transition {
  alarm: string;
  arn: string;
  at: number;
  from: AlarmState;
  to: AlarmState;
  reason: string;
  /** Whom it is about, when the alarm groups by a dimension. */
  about: Readonly<Record<string, string>>;
}

/** What CloudWatch sends to a topic. */
export interface Notice {
  subject: string;
  message: Record<string, unknown>;
}

const REGION_NAMES: Record<string, string> = { 'us-east-1': 'US East (N. Virginia)' };
const regionName = ({ region }: Place): string => REGION_NAMES[region] ?? region;

/** `2026-11-20T22:14:03.120+0000`, as the messages have it. */
const stamp = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/** `[0.5 (20/11/26 22:10:00)]`, as the reasons have it. */
const shown = (value: number, at: number): string => {
  const [, year, month, day, time] = /^\d\d(\d\d)-(\d\d)-(\d\d)T([\d:]{8})/.exec(new Date(at).toISOString()) ?? [];
  return `${+value.toFixed(6)} (${day}/${month}/${year} ${time})`;
};

const TREATED = { breaching: 'Breaching', notBreaching: 'NonBreaching', ignore: 'Ignored', missing: 'Missing' };

/** Why the alarm is in its new state, in CloudWatch's words. */
export const reasonOf = (
  properties: AlarmProperties,
  { points, band }: Pick<Line, 'points' | 'band'>,
  starts: readonly number[],
  [from, to]: [AlarmState, AlarmState],
): string => {
  const {
    EvaluationPeriods: windows,
    DatapointsToAlarm: needed = windows,
    Threshold,
    ComparisonOperator,
    TreatMissingData,
  } = properties;
  const { words, breaches } = comparisonNamed(ComparisonOperator);
  const real = points
    .flatMap((value, index) => (value === undefined ? [] : [{ value, index, at: starts[index] ?? 0 }]))
    .slice(-windows);
  if (real.length === 0) {
    return `Threshold Crossed: no datapoints were received for ${windows} period(s) and ${windows} missing datapoint(s) were treated as [${TREATED[TreatMissingData]}].`;
  }
  const meant = real.filter(({ value }) => breaches(value, Threshold ?? 0) === (to === 'ALARM'));
  const list = meant.map(({ value, index, at }) => shown(band?.values[index] ?? value, at)).join(', ');
  const edges = meant.map(({ index }) => +(band?.upper[index] ?? 0).toFixed(6)).join(', ');
  const limit = band ? `the upper thresholds [${edges}]` : `the threshold (${Threshold})`;
  const verb = `${meant.length === 1 ? 'was' : 'were'}${to === 'ALARM' ? '' : ' not'}`;
  return `Threshold Crossed: ${meant.length} out of the last ${windows} datapoints [${list}] ${verb} ${words} ${limit} (minimum ${needed} datapoint${needed === 1 ? '' : 's'} for ${from} -> ${to} transition).`;
};

interface Head {
  AlarmName: string;
  AlarmDescription?: string | undefined;
  AlarmActions: readonly string[];
  OKActions: readonly string[];
  InsufficientDataActions: readonly string[];
}

const headOf = (place: Place, head: Head, transition: Transition, configuredAt: number) => ({
  AlarmName: head.AlarmName,
  AlarmDescription: head.AlarmDescription ?? null,
  AWSAccountId: place.account,
  AlarmConfigurationUpdatedTimestamp: stamp(configuredAt),
  NewStateValue: transition.to,
  NewStateReason: transition.reason,
  StateChangeTime: stamp(transition.at),
  Region: regionName(place),
  AlarmArn: transition.arn,
  OldStateValue: transition.from,
  OKActions: head.OKActions,
  AlarmActions: head.AlarmActions,
  InsufficientDataActions: head.InsufficientDataActions,
});

const subjectOf = (place: Place, { alarm, to }: Transition): string => `${to}: "${alarm}" in ${regionName(place)}`;

const smallDimensions = (dimensions: AlarmProperties['Dimensions']) =>
  dimensions.map(({ Name, Value }) => ({ value: Value, name: Name }));

const triggerOf = (properties: AlarmProperties) => {
  const { Metrics } = properties;
  const common = {
    Period: properties.Period ?? Metrics?.find((one) => one.MetricStat)?.MetricStat?.Period ?? Metrics?.[0]?.Period,
    EvaluationPeriods: properties.EvaluationPeriods,
    DatapointsToAlarm: properties.DatapointsToAlarm ?? properties.EvaluationPeriods,
    ComparisonOperator: properties.ComparisonOperator,
    ...(properties.ThresholdMetricId
      ? { ThresholdMetricId: properties.ThresholdMetricId }
      : { Threshold: properties.Threshold }),
    TreatMissingData: properties.TreatMissingData,
    EvaluateLowSampleCountPercentile: properties.EvaluateLowSampleCountPercentile,
  };
  if (!Metrics) {
    return {
      MetricName: properties.MetricName,
      Namespace: properties.Namespace,
      ...(properties.ExtendedStatistic
        ? { StatisticType: 'ExtendedStatistic', ExtendedStatistic: properties.ExtendedStatistic }
        : { StatisticType: 'Statistic', Statistic: properties.Statistic?.toUpperCase() }),
      Unit: properties.Unit ?? null,
      Dimensions: smallDimensions(properties.Dimensions),
      ...common,
    };
  }
  return {
    ...common,
    Metrics: Metrics.map(({ MetricStat, ...one }) => ({
      ...one,
      ...(MetricStat && {
        MetricStat: {
          ...MetricStat,
          Metric: { ...MetricStat.Metric, Dimensions: smallDimensions(MetricStat.Metric.Dimensions) },
        },
      }),
    })),
  };
};

/** The message about a metric alarm, as documented under "Notifying users on alarm changes". */
export const metricAlarmNotice = (
  place: Place,
  properties: AlarmProperties & { AlarmName: string },
  transition: Transition,
  configuredAt: number,
): Notice => ({
  subject: subjectOf(place, transition),
  message: {
    ...headOf(place, properties, transition, configuredAt),
    Trigger: triggerOf(properties),
    ...(Object.keys(transition.about).length > 0 && {
      AlarmContributorId: Object.values(transition.about).join('/'),
      AlarmContributorAttributes: transition.about,
    }),
  },
});

/** The message about a composite alarm. */
export const compositeAlarmNotice = (
  place: Place,
  head: Head & { AlarmRule: string },
  transition: Transition,
  children: readonly { arn: string; state: AlarmState; since: number }[],
  configuredAt: number,
): Notice => ({
  subject: subjectOf(place, transition),
  message: {
    ...headOf(place, head, transition, configuredAt),
    AlarmRule: head.AlarmRule,
    TriggeringChildren: children.map(({ arn, state, since }) => ({
      Arn: arn,
      State: { Value: state, Timestamp: stamp(since) },
    })),
  },
});
