import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmName } from '../../lambdas/contract/alarms/alarm-families.ts';
import type { Severity } from '../../lambdas/contract/severity.ts';
import type { CallLogSettings } from '../call-log-name.ts';
import type { Settings } from '../settings.ts';
import type { SeverityTopics } from '../topics.ts';

/** What every alarm states, whatever it evaluates. */
export interface AlarmSpec {
  /**
   * `<kind>/<subject>/<condition>`, such as `tool/order_status/slow`, or `pipeline/<condition>`; its heading in
   * docs/runbook.md.
   */
  readonly name: AlarmName;
  readonly severity: Severity;
  /** Who acts. Default: the setting `owner`. */
  readonly owner?: string | undefined;
  /** What has happened, in plain words, for the person who is notified. */
  readonly means: string;
  /**
   * For an alarm about lost notifications: the recipients of its own severity may be the ones who receive nothing. It
   * does not depend on the notifier.
   */
  readonly notifiesAllSeverities?: boolean;
  /** For an alarm that speaks for the notifier when that does not work: it publishes to its recipients directly. */
  readonly bypassesNotifier?: boolean;
  /** The CloudWatch page to open first. */
  readonly logsUrl?: string;
  /** Where its runbook is, if that is not its heading in docs/runbook.md. */
  readonly runbookUrl?: string | undefined;
}

/** An alarm that compares a metric with a threshold. */
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
   * Whether windows begin and end with the clock. A window that slides with every minute splits the same two bad
   * minutes into two bad windows again and again; an aligned one counts them once, at most one window later.
   */
  readonly aligned?: boolean;
  /** Whether it evaluates nothing from before it existed: until all its windows are over, it does not fire. */
  readonly startsAfterWholeWindows?: boolean;
  /** How missing data counts. Default: as good. */
  readonly missingData?: 'notBreaching' | 'breaching';
  /** The composite alarm that notifies on behalf of this one, which then has no actions of its own. */
  readonly partOf?: string;
  /** For an alarm whose firing means that all is well: it does so at once. */
  readonly skipsWarmUp?: boolean;
}

/** A metric alarm that lean monitoring may leave out. */
export interface OptionalAlarmSpec extends MetricAlarmSpec {
  /** Part of lean monitoring as well: data is lost or clients are rejected, and no other alarm reports it. */
  readonly essential?: boolean;
}

/** An alarm that compares an expression with its own past. */
export interface AnomalyAlarmSpec extends AlarmSpec {
  readonly metric: cloudwatch.MathExpression;
  /** How far above its usual value, in standard deviations. */
  readonly bandWidth: number;
  /** How many of the last `windows` must be bad. */
  readonly badWindows: number;
  readonly windows: number;
}

/** An alarm that follows from the state of others. */
export interface CompositeAlarmSpec extends AlarmSpec {
  readonly rule: cloudwatch.IAlarmRule;
  /** The composite alarm that notifies on behalf of this one, which then has no actions of its own. */
  readonly partOf?: string;
}

/** The settings that alarms are made from. */
export type AlarmSettings = Pick<Settings, 'owner' | 'alarms' | 'monitoring' | 'runbookUrl'> & CallLogSettings;

export interface AlarmContext {
  readonly settings: AlarmSettings;
  readonly topics: SeverityTopics;
}
