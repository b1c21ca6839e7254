import type { Duration } from 'aws-cdk-lib';
import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import type { CallLogSettings } from '../call-log.ts';
import type { Settings } from '../settings.ts';
import { SEVERITIES, type Severity, type SeverityTopics } from '../topics.ts';
import { describeAlarm } from './alarm-text.ts';

/** What somebody is told. Every alarm of ours is one of these. */
export interface AlarmSpec {
  /** `<of what>/<name>/<what>`, as `tool/order_status/slow`, or `pipeline/<what>`; also its heading in docs/runbook.md. */
  readonly name: string;
  readonly severity: Severity;
  /** Who acts; the setting `owner` where it says nobody else. */
  readonly owner?: string | undefined;
  /** In plain words, for the person it wakes. */
  readonly means: string;
  /** That a message did not arrive is told to those of every severity: those it was meant for may not hear this one either. */
  readonly notifiesAllSeverities?: boolean;
  /** A CloudWatch page where the person looks first. */
  readonly logsUrl?: string;
}

export interface MetricAlarmSpec extends AlarmSpec {
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  /** Against the threshold. Default: greater than. */
  readonly comparison?: cloudwatch.ComparisonOperator;
  /** How many of the last `windows` must be bad. Default 1. */
  readonly badWindows?: number;
  /** Default 1. */
  readonly windows?: number;
  /**
   * Whether windows begin and end with the clock. Windows that slide with every minute cut the same two bad minutes in
   * half and see two bad windows, again and again; these are told once, and at most a window later.
   */
  readonly aligned?: boolean;
  /** What missing data means. Default: nothing is wrong. */
  readonly missingData?: 'notBreaching' | 'breaching';
  /** The composite alarm that tells people on its behalf; the alarm itself then tells nobody. */
  readonly partOf?: string;
}

/** What alarms need of the settings. */
export type AlarmSettings = Pick<Settings, 'service' | 'owner' | 'alarms' | 'monitoring' | 'runbookUrl'> &
  CallLogSettings;

export interface AlarmContext {
  readonly settings: AlarmSettings;
  readonly topics: SeverityTopics;
}

/** The tag of an alarm that tells nobody: the name of the composite alarm that does. */
export const PART_OF_TAG = 'part-of';

/** CloudWatch looks at an alarm so often. */
const MINUTE_SECONDS = 60;

/** Lengths of windows that CloudWatch can align with the clock, those of hours and more left out. */
const ALIGNABLE_SECONDS: readonly number[] = [60, 300];

/** Adds an alarm on a metric that tells its severity's topic when it fires and when it is over. */
export function addAlarm(scope: Construct, context: AlarmContext, promise: MetricAlarmSpec): cloudwatch.Alarm {
  const alarm = new cloudwatch.Alarm(scope, promise.name.replaceAll('/', '-'), {
    alarmName: alarmName(context.settings, promise.name),
    alarmDescription: describeAlarm(promise, context.settings, cdk.Stack.of(scope).region),
    metric: promise.missingData === 'breaching' ? withSilence(promise.metric) : promise.metric,
    threshold: promise.threshold,
    comparisonOperator: promise.comparison ?? cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: promise.windows ?? 1,
    datapointsToAlarm: promise.badWindows ?? 1,
    treatMissingData:
      promise.missingData === 'breaching'
        ? cloudwatch.TreatMissingData.BREACHING
        : cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  const { defaultChild } = alarm.node;
  if (defaultChild instanceof cloudwatch.CfnAlarm) {
    const warmUp = warmUpOf(context.settings, promise);
    if (warmUp) defaultChild.warmUpConfiguration = warmUp;
    if (promise.aligned && ALIGNABLE_SECONDS.includes(periodOf(promise.metric).toSeconds())) {
      defaultChild.evaluationWindow = { wallClockWindow: {} };
    }
  }
  if (promise.partOf) cdk.Tags.of(alarm).add(PART_OF_TAG, alarmName(context.settings, promise.partOf));
  else tellPeople(alarm, context, promise);
  sign(alarm, context, promise);
  return alarm;
}

/**
 * Where data is missing, an alarm falls back on windows before its own, and would tell of silence two windows late. So
 * nothing counts as zero here.
 */
const withSilence = (metric: cloudwatch.IMetric): cloudwatch.IMetric =>
  new cloudwatch.MathExpression({
    expression: 'FILL(heard, 0)',
    usingMetrics: { heard: metric },
    label: 'what was heard',
    period: periodOf(metric),
  });

/** Silence proves something once it could have been broken: its alarm waits for a whole window, zeros or not. */
const warmUpOf = ({ alarms }: Pick<Settings, 'alarms'>, { missingData, metric, windows = 1 }: MetricAlarmSpec) => {
  if (missingData !== 'breaching') {
    return alarms.warmUpMinutes > 0 ? { warmUpPeriodDurationInMinutes: alarms.warmUpMinutes } : undefined;
  }
  const whole = periodOf(metric).toMinutes() * windows;
  return {
    warmUpPeriodDurationInMinutes: Math.max(alarms.warmUpMinutes, whole),
    onlyStartEvaluatingAfterWarmUpPeriodEnds: true,
  };
};

function periodOf(metric: cloudwatch.IMetric): Duration {
  if (metric instanceof cloudwatch.Metric || metric instanceof cloudwatch.MathExpression) return metric.period;
  throw new Error('An alarm is on a metric or an expression.');
}

export interface CompositeAlarmSpec extends AlarmSpec {
  readonly rule: cloudwatch.IAlarmRule;
  /** While this alarm is on it speaks for the cause, and this one tells nobody; what is still wrong a window later is told then. */
  readonly suppressedBy?: cloudwatch.IAlarm | undefined;
}

/** Adds an alarm that fires by the state of others, so that one cause is told once. */
export function addCompositeAlarm(
  scope: Construct,
  context: AlarmContext,
  promise: CompositeAlarmSpec,
): cloudwatch.CompositeAlarm {
  const alarm = new cloudwatch.CompositeAlarm(scope, promise.name.replaceAll('/', '-'), {
    compositeAlarmName: alarmName(context.settings, promise.name),
    alarmDescription: describeAlarm(promise, context.settings, cdk.Stack.of(scope).region),
    alarmRule: promise.rule,
    ...suppressionOf(promise, context.settings),
  });
  tellPeople(alarm, context, promise);
  sign(alarm, context, promise);
  return alarm;
}

/** The other alarm is given the time it takes to see so many bad windows; and this one a window to get well after it. */
const suppressionOf = ({ suppressedBy }: CompositeAlarmSpec, { alarms }: Pick<Settings, 'alarms'>) =>
  suppressedBy && {
    actionsSuppressor: suppressedBy,
    actionsSuppressorWaitPeriod: cdk.Duration.seconds(alarms.badWindows * alarms.periodSeconds + MINUTE_SECONDS),
    actionsSuppressorExtensionPeriod: cdk.Duration.seconds(alarms.periodSeconds + MINUTE_SECONDS),
  };

/** Alarm names are unique in an account and region: a second deployment beside the first puts its service's name in front. */
export const alarmName = (settings: Pick<Settings, 'service'>, name: string): string =>
  settings.service === 'toolwatch' ? name : `${settings.service}/${name}`;

function tellPeople(alarm: cloudwatch.AlarmBase, { topics }: AlarmContext, promise: AlarmSpec): void {
  for (const severity of promise.notifiesAllSeverities ? SEVERITIES : [promise.severity]) {
    const tell = new SnsAction(topics.bySeverity[severity]);
    alarm.addAlarmAction(tell);
    alarm.addOkAction(tell);
  }
}

function sign(alarm: cloudwatch.AlarmBase, { settings }: AlarmContext, promise: AlarmSpec): void {
  cdk.Tags.of(alarm).add('severity', promise.severity);
  cdk.Tags.of(alarm).add('owner', promise.owner ?? settings.owner);
}
