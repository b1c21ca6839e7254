import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ReportEnv } from '../lambdas/contract/env/report.ts';
import { WEEK_REPORT_TYPE } from '../lambdas/contract/notices/week-report-notice.ts';
import { findAudienceOf } from '../lambdas/notify/publish/audience.ts';
import { addAlarm } from './alarms/alarm.ts';
import type { AlarmContext, OptionalAlarmSpec } from './alarms/alarm-spec.ts';
import { selectAlarms } from './alarms/monitoring.ts';
import { SUM } from './alarms/pipeline.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction } from './function.ts';
import { awsMetric } from './metrics.ts';
import { allowToEncryptQueues } from './organization/key-statements.ts';
import { Schedule } from './schedule.ts';
import { filterOf } from './settings/alert-channel-settings.ts';
import type { Settings } from './settings.ts';

interface ReportProps {
  readonly deployment: Deployment;
  readonly weekReport: Exclude<Settings['weekReport'], false>;
  readonly alarms: AlarmContext;
  /** Says what the store knows of the week. */
  readonly api: lambda.IFunction;
  /** Says what only AWS knows: mutes, what is off, and the last drill. */
  readonly operate: lambda.IFunction;
  /** The notifier's queue, in which the report is handed over. */
  readonly customNotices: sqs.IQueue;
  /** Whether those of warnings get it by mail. */
  readonly mailed: boolean;
}

const DESCRIPTION = 'Sums up the week, and hands the report to the notifier';
/** They page for nothing in a report. */
const PAGERS = ['pagerduty', 'jsm'];

/**
 * How people get the report: by mail, where those of warnings may have a mailbox, and in channels, where one shows what is
 * about no tool, asks nobody to act, and is of no tenant.
 */
export const waysOfReport = ({ alerts, topics }: Settings): { mailed: boolean; shown: boolean } => {
  const channels = alerts.channels.map((channel) => ({ type: channel.type, filter: filterOf(channel) }));
  const report = { type: WEEK_REPORT_TYPE, severity: 'info', facts: {} } as const;
  return {
    mailed: alerts.warning.emails.length > 0 || topics.warning !== undefined,
    shown: findAudienceOf(channels, report).some(({ type }) => !PAGERS.includes(type)),
  };
};

/**
 * Once a week, asks the api and operate for what happened, and hands the report to the notifier, which shows it in the
 * channels and mails it. Outside of the database's network.
 */
class Report extends Construct {
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, props: ReportProps) {
    super(scope, id);
    const { deployment, weekReport, alarms, api, operate, customNotices, mailed } = props;
    const { settings } = deployment;
    const handler = deployFunction<ReportEnv>(this, {
      functionName: functionNameOf(deployment, 'report'),
      description: DESCRIPTION,
      folder: deployment.bundles.function('report'),
      timeout: cdk.Duration.minutes(2),
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/report`, settings.logRetentionDays),
      tracing: false,
      network: deployment.network,
      logLevel: settings.logLevel,
      environment: {
        ...commonVariables(deployment),
        API_FUNCTION: api.functionName,
        OPERATE_FUNCTION: operate.functionName,
        CUSTOM_NOTICES_QUEUE: customNotices.queueUrl,
        TIME_ZONE: weekReport.timeZone,
        MAILED: mailed ? 'yes' : 'no',
      },
      may: [
        new iam.PolicyStatement({
          sid: 'AskForTheWeek',
          actions: ['lambda:InvokeFunction'],
          resources: [api.functionArn, operate.functionArn],
        }),
        new iam.PolicyStatement({
          sid: 'HandOver',
          actions: ['sqs:SendMessage'],
          resources: [customNotices.queueArn],
        }),
        ...allowToEncryptQueues(this, settings),
      ],
    });
    // Whoever was asked may be busy for a minute. A second report of a week is not shown, so a retry does no harm.
    handler.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: cdk.Duration.hours(1) });
    this.schedule = new Schedule(this, 'Schedule', {
      settings,
      function: handler,
      description: DESCRIPTION,
      expression: weekReport.at,
      timeZone: weekReport.timeZone,
    });
    const failed: OptionalAlarmSpec = {
      name: 'pipeline/report-failed',
      severity: 'warning',
      means: 'The report of this week was not sent: every attempt failed.',
      // A run that failed and whose retry succeeded is none of these.
      metric: awsMetric('AWS/Lambda', 'AsyncEventsDropped', { FunctionName: handler.functionName }, SUM),
      threshold: 0,
    };
    for (const alarm of selectAlarms(settings, [failed])) addAlarm(this, alarms, alarm);
  }
}

/** Adds the report of a week, unless the settings leave it out or nobody would get it. */
export const addReport = (scope: Construct, props: Omit<ReportProps, 'weekReport' | 'mailed'>): Report | undefined => {
  const { settings } = props.deployment;
  const { weekReport } = settings;
  const { mailed, shown } = waysOfReport(settings);
  return weekReport && (mailed || shown) ? new Report(scope, 'Report', { ...props, weekReport, mailed }) : undefined;
};
