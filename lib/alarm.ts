import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';
import type { Severity, Topics } from './topics.ts';

/** What somebody is told, and when. Every alarm of ours is one of these. */
export interface AlarmPromise {
  /** `tool/<name>/<what>` or `pipeline/<what>`; also its heading in docs/runbook.md. */
  readonly name: string;
  readonly severity: Severity;
  /** Who acts; the setting `owner` where it says nobody else. */
  readonly owner?: string;
  /** In plain words, for the person it wakes. */
  readonly means: string;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  /** Against the threshold. Default: greater than. */
  readonly comparison?: cloudwatch.ComparisonOperator;
  /** How many of the last `windows` must be bad. Default 1. */
  readonly badWindows?: number;
  /** Default 1. */
  readonly windows?: number;
  /** What silence means. Default: nothing is wrong. */
  readonly silence?: 'fine' | 'bad';
  /** For percentiles: with too few samples to mean anything the alarm stays as it is. */
  readonly ignoreLowSamples?: boolean;
  /** A CloudWatch page where the person looks first. */
  readonly logsUrl?: string;
}

export interface AlarmContext {
  readonly settings: Settings;
  readonly topics: Topics;
}

/** CloudWatch's own. */
const LONGEST_DESCRIPTION = 1_024;

/** Adds an alarm that tells its severity's topic when it fires and when it is over. */
export function addAlarm(
  scope: Construct,
  { settings, topics }: AlarmContext,
  promise: AlarmPromise,
): cloudwatch.Alarm {
  const alarm = new cloudwatch.Alarm(scope, promise.name.replaceAll('/', '-'), {
    alarmName: alarmName(settings, promise.name),
    alarmDescription: descriptionOf(promise, settings, cdk.Stack.of(scope).region),
    metric: promise.metric,
    threshold: promise.threshold,
    comparisonOperator: promise.comparison ?? cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: promise.windows ?? 1,
    datapointsToAlarm: promise.badWindows ?? 1,
    treatMissingData:
      promise.silence === 'bad' ? cloudwatch.TreatMissingData.BREACHING : cloudwatch.TreatMissingData.NOT_BREACHING,
    ...(promise.ignoreLowSamples ? { evaluateLowSampleCountPercentile: 'ignore' } : {}),
  });
  const tell = new SnsAction(topics.of[promise.severity]);
  alarm.addAlarmAction(tell);
  alarm.addOkAction(tell);
  cdk.Tags.of(alarm).add('severity', promise.severity);
  cdk.Tags.of(alarm).add('owner', promise.owner ?? settings.owner);
  return alarm;
}

/** Alarm names are unique in an account and region: a second deployment beside the first puts its service's name in front. */
export const alarmName = (settings: Settings, name: string): string =>
  settings.service === 'toolwatch' ? name : `${settings.service}/${name}`;

/** The heading an alarm has in the runbook: all tools share theirs. */
export const headingOf = (name: string): string => name.replace(/^tool\/[^/]+\//, 'tool/*/');

function descriptionOf(promise: AlarmPromise, settings: Settings, region: string): string {
  const anchor = headingOf(promise.name).replaceAll(/[^a-z0-9_-]/g, '');
  const text = [
    promise.means,
    `Severity: ${promise.severity}. Owner: ${promise.owner ?? settings.owner}.`,
    `Runbook: ${settings.runbookUrl ?? 'docs/runbook.md'}#${anchor}`,
    ...(promise.logsUrl ? [`Logs: ${promise.logsUrl}`] : []),
    `Dashboard: ${dashboardUrl(settings, region)}`,
  ].join('\n');
  if (text.length > LONGEST_DESCRIPTION) {
    throw new Error(
      `The alarm ${promise.name} says ${text.length} characters; CloudWatch takes ${LONGEST_DESCRIPTION}.`,
    );
  }
  return text;
}

const dashboardUrl = (settings: Settings, region: string) =>
  `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${settings.service}`;
