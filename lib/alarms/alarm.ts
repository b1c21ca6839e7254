import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { isEvidence } from '../../lambdas/contract/alarms/alarm-name.ts';
import { SEVERITIES } from '../../lambdas/contract/severity.ts';
import { deploymentNameOf, type NamingSettings } from '../deployment-name.ts';
import type { Settings } from '../settings.ts';
import type { AlarmContext, AlarmSpec, AnomalyAlarmSpec, CompositeAlarmSpec, MetricAlarmSpec } from './alarm-spec.ts';
import { describeAlarm } from './alarm-text.ts';

/** The tag of an alarm without actions: the name of the composite alarm that notifies on its behalf. */
export const PART_OF_TAG = 'part-of';

/**
 * Lengths of windows that CloudWatch can align with the clock. It can align hours and longer as well; no alarm here
 * needs that.
 */
const ALIGNABLE_SECONDS: readonly number[] = [60, 300];

/** Adds an alarm on a metric. It notifies the topic of its severity when it fires and when it is over. */
export function addAlarm(scope: Construct, context: AlarmContext, spec: MetricAlarmSpec): cloudwatch.Alarm {
  const alarm = new cloudwatch.Alarm(scope, constructId(spec), {
    alarmName: alarmName(context.settings, spec.name),
    alarmDescription: describeAlarm(scope, spec, context.settings),
    metric: spec.missingData === 'breaching' ? fillWithZero(spec.metric) : spec.metric,
    threshold: spec.threshold,
    comparisonOperator: spec.comparison ?? cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: spec.windows ?? 1,
    datapointsToAlarm: spec.badWindows ?? 1,
    treatMissingData:
      spec.missingData === 'breaching'
        ? cloudwatch.TreatMissingData.BREACHING
        : cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  const { defaultChild } = alarm.node;
  if (defaultChild instanceof cloudwatch.CfnAlarm) {
    // In the template's words: an older CDK in an app of others would leave out the properties without a word.
    const warmUp = spec.skipsWarmUp ? undefined : warmUpOf(context.settings, spec);
    if (warmUp) defaultChild.addPropertyOverride('WarmUpConfiguration', warmUp);
    if (spec.aligned && ALIGNABLE_SECONDS.includes(periodOf(spec.metric).toSeconds())) {
      // Not as an override: the CDK removes an empty object from those. With a CDK that does not know it, windows slide.
      Object.assign(defaultChild, { evaluationWindow: { wallClockWindow: {} } });
    }
  }
  addActions(alarm, context, spec);
  tagAlarm(alarm, context, spec);
  return alarm;
}

/**
 * Adds an alarm on an expression that is far above what it usually is at this hour of the week. CloudWatch bills three
 * metrics for such a band. The CDK's own construct has no bands, and CloudWatch learns anew when an id in the queries
 * changes.
 */
export function addAnomalyAlarm(scope: Construct, context: AlarmContext, spec: AnomalyAlarmSpec): void {
  const { expression, usingMetrics = {} } = spec.metric;
  const alarm = new cloudwatch.CfnAlarm(scope, constructId(spec), {
    alarmName: alarmName(context.settings, spec.name),
    alarmDescription: describeAlarm(scope, spec, context.settings),
    alarmActions: topicsOf(context, spec).map(({ topicArn }) => topicArn),
    okActions: okTopicsOf(context, spec).map(({ topicArn }) => topicArn),
    comparisonOperator: 'GreaterThanUpperThreshold',
    evaluationPeriods: spec.windows,
    datapointsToAlarm: spec.badWindows,
    thresholdMetricId: 'band',
    treatMissingData: 'notBreaching',
    metrics: [
      ...Object.entries(usingMetrics).map(([id, metric]) => toQuery(id, metric)),
      { id: 'share', expression, returnData: true },
      { id: 'band', expression: `ANOMALY_DETECTION_BAND(share, ${spec.bandWidth})`, returnData: true },
    ],
  });
  enterInInbox(alarm, context, spec);
  tagAlarm(alarm, context, spec);
}

function toQuery(id: string, metric: cloudwatch.IMetric): cloudwatch.CfnAlarm.MetricDataQueryProperty {
  const { metricStat } = metric.toMetricConfig();
  if (!metricStat) throw new Error(`An anomaly alarm reads metrics only, and ${id} is not one.`);
  const { namespace, metricName, dimensions = [], statistic, period } = metricStat;
  return {
    id,
    returnData: false,
    metricStat: {
      stat: statistic,
      period: period.toSeconds(),
      metric: { namespace, metricName, dimensions: dimensions.map(({ name, value }) => ({ name, value })) },
    },
  };
}

/** Adds an alarm that fires by the state of others, so that one cause notifies once. */
export function addCompositeAlarm(
  scope: Construct,
  context: AlarmContext,
  spec: CompositeAlarmSpec,
): cloudwatch.CompositeAlarm {
  const alarm = new cloudwatch.CompositeAlarm(scope, constructId(spec), {
    compositeAlarmName: alarmName(context.settings, spec.name),
    alarmDescription: describeAlarm(scope, spec, context.settings),
    alarmRule: spec.rule,
  });
  addActions(alarm, context, spec);
  tagAlarm(alarm, context, spec);
  return alarm;
}

/** Alarm names are unique in an account and region: a deployment with another name than the default's puts it in front. */
export const alarmName = (settings: NamingSettings, name: string): string =>
  deploymentNameOf(settings) === 'toolwatch' ? name : `${deploymentNameOf(settings)}/${name}`;

const constructId = ({ name }: AlarmSpec): string => name.replaceAll('/', '-');

/**
 * Where data is missing, CloudWatch evaluates windows from before the alarm's own, and would report silence two windows
 * late. Zeros prevent that.
 */
const fillWithZero = (metric: cloudwatch.IMetric): cloudwatch.IMetric =>
  new cloudwatch.MathExpression({
    expression: 'FILL(received, 0)',
    usingMetrics: { received: metric },
    label: 'received',
    period: periodOf(metric),
  });

/** An alarm on silence evaluates only after a whole window, for until then the zeros mean nothing. */
const warmUpOf = ({ alarms }: Pick<Settings, 'alarms'>, spec: MetricAlarmSpec) => {
  const { missingData, metric, windows = 1, startsAfterWholeWindows = missingData === 'breaching' } = spec;
  if (!startsAfterWholeWindows) {
    return alarms.warmUpMinutes > 0 ? { WarmUpPeriodDurationInMinutes: alarms.warmUpMinutes } : undefined;
  }
  const wholeMinutes = periodOf(metric).toMinutes() * windows;
  return {
    WarmUpPeriodDurationInMinutes: Math.max(alarms.warmUpMinutes, wholeMinutes),
    OnlyStartEvaluatingAfterWarmUpPeriodEnds: true,
  };
};

function periodOf(metric: cloudwatch.IMetric): cdk.Duration {
  if (metric instanceof cloudwatch.Metric || metric instanceof cloudwatch.MathExpression) return metric.period;
  throw new Error('An alarm reads either a metric or an expression.');
}

/** Without evidence, which is for the notifier only. */
const isForDirectPath = (spec: AlarmSpec): boolean =>
  !spec.notifiesAllSeverities && !spec.bypassesNotifier && !isEvidence(spec.name);

const distinct = (topics: readonly sns.ITopic[]): sns.ITopic[] => [
  ...new Map(topics.map((topic) => [topic.topicArn, topic])).values(),
];

/**
 * Where an alarm publishes that it fires: to the inbox of the notifier, where there is one, else to the recipients. One
 * about lost notifications publishes to the recipients of both severities itself, and to the inbox as well, from where it
 * reaches the channels: so it always has a way that it is not about.
 */
const topicsOf = ({ topics }: AlarmContext, spec: AlarmSpec): sns.ITopic[] => {
  const { bySeverity, inbox } = topics;
  const inboxTopics = inbox && !spec.bypassesNotifier ? [inbox.bySeverity[spec.severity]] : [];
  if (spec.notifiesAllSeverities) return distinct([...SEVERITIES.map((each) => bySeverity[each]), ...inboxTopics]);
  return inboxTopics.length > 0 ? inboxTopics : [bySeverity[spec.severity]];
};

/**
 * Where an alarm publishes that it is OK: to the inbox also if it fires past the notifier, which passes on that it is over
 * as soon as it works again. CloudWatch publishes as well that a new alarm is OK, of which nobody needs to be notified.
 */
const okTopicsOf = ({ topics }: AlarmContext, { severity, notifiesAllSeverities }: AlarmSpec): sns.ITopic[] => {
  if (topics.inbox) return [topics.inbox.bySeverity[severity]];
  return distinct((notifiesAllSeverities ? SEVERITIES : [severity]).map((each) => topics.bySeverity[each]));
};

/** Enters an alarm that publishes to the inbox in its list, by which the direct path knows what to watch. */
function enterInInbox(construct: Construct, { topics, settings }: AlarmContext, spec: AlarmSpec): void {
  if (!isForDirectPath(spec)) return;
  topics.inbox?.alarms[spec.severity].push({ name: alarmName(settings, spec.name), construct });
}

function addActions(
  alarm: cloudwatch.AlarmBase,
  context: AlarmContext,
  spec: MetricAlarmSpec | CompositeAlarmSpec,
): void {
  if (spec.partOf) {
    cdk.Tags.of(alarm).add(PART_OF_TAG, alarmName(context.settings, spec.partOf));
    return;
  }
  for (const topic of topicsOf(context, spec)) alarm.addAlarmAction(new SnsAction(topic));
  for (const topic of okTopicsOf(context, spec)) alarm.addOkAction(new SnsAction(topic));
  enterInInbox(alarm, context, spec);
}

function tagAlarm(alarm: Construct, { settings }: AlarmContext, spec: AlarmSpec): void {
  cdk.Tags.of(alarm).add('severity', spec.severity);
  cdk.Tags.of(alarm).add('owner', spec.owner ?? settings.owner);
}
