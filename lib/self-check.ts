import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { MINUTE_MS } from '../lambdas/contract/durations.ts';
import type { SelfCheckEnv } from '../lambdas/contract/env/self-check.ts';
import { FINDING_DIMENSIONS, FINDING_METRICS, NAMESPACE } from '../lambdas/contract/metrics.ts';
import { parseSchedule } from '../lambdas/contract/schedule-expression.ts';
import {
  type ExpectedSchedule,
  type ExpectedSubscription,
  type ExpectedTopic,
  MONITORING_OFF,
} from '../lambdas/contract/self-check.ts';
import { addAlarm, alarmName } from './alarms/alarm.ts';
import type { AlarmContext } from './alarms/alarm-spec.ts';
import { allowToReadMutes } from './alarms/mute-permissions.ts';
import { callLogName } from './call-log-name.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction } from './function.ts';
import { awsMetric } from './metrics.ts';
import { acknowledge, acknowledgeWildcard } from './nag.ts';
import { Schedule } from './schedule.ts';
import type { Settings } from './settings.ts';
import { severitiesToCheck } from './topics.ts';

/** What is started by a schedule, by the names of the stages. */
type Stages = Readonly<Record<string, { readonly schedule: Schedule | undefined } | undefined>>;

interface SelfCheckProps {
  readonly deployment: Deployment;
  readonly alarms: AlarmContext;
  readonly stages: Stages;
  /** The notifier's, in which its result stands. */
  readonly table: dynamodb.Table;
}

const HOUR = cdk.Duration.hours(1);
/** Enough starts to find the longest time between two of them: daily ones of a year, in which clocks are put back. */
const STARTS = 400;

/** From when on they are looked for: in 1970 few time zones put their clocks forward and back. */
const STARTS_FROM = Date.UTC(2026, 0);

/** The longest time between two starts, in minutes. */
export const longestGap = (expression: string, timeZone?: string): number => {
  const next = parseSchedule(expression, STARTS_FROM, timeZone);
  let longest = 0;
  let last = next(STARTS_FROM);
  for (let count = 0; last !== undefined && count < STARTS; count += 1) {
    const following: number | undefined = next(last);
    if (following !== undefined) longest = Math.max(longest, following - last);
    last = following;
  }
  return longest / MINUTE_MS;
};

/** But for the notifier, whose heartbeat has an alarm of its own and which its queue starts as well. */
const expectedSchedules = (stages: Stages): ExpectedSchedule[] =>
  Object.entries(stages).flatMap(([name, stage]) =>
    stage?.schedule && name !== 'notify'
      ? [
          {
            name,
            function: stage.schedule.functionName,
            minutes: longestGap(stage.schedule.expression, stage.schedule.timeZone),
          },
        ]
      : [],
  );

/** The subscriptions that are in the stack by now. */
const expectedSubscriptions = (scope: Construct): ExpectedSubscription[] =>
  cdk.Stack.of(scope)
    .node.findAll()
    .filter((node) => node instanceof logs.CfnSubscriptionFilter)
    .map(({ filterName = 'unnamed', logGroupName, filterPattern, destinationArn }) => ({
      name: filterName,
      logGroup: logGroupName,
      pattern: filterPattern,
      destination: destinationArn,
    }));

/** The log groups whose lines are handed over: those of the deployment's own functions, and the one of calls. */
const logGroupArns = (scope: Construct, settings: Settings): string[] => {
  const own = `/${deploymentNameOf(settings)}/`;
  const calls = callLogName(settings);
  return [`${own}*`, ...(calls.startsWith(own) ? [] : [`${calls}:*`])].map((name) => {
    const resource = { service: 'logs', resource: 'log-group', resourceName: name };
    const arn = cdk.Stack.of(scope).formatArn({ ...resource, arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME });
    acknowledgeWildcard(scope, arn, 'It reads which subscriptions log groups of this deployment have.');
    return arn;
  });
};

/** Looks every hour for what of the monitoring is switched off, missing or muted. */
export class SelfCheck extends Construct {
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, { deployment, alarms, stages, table }: SelfCheckProps) {
    super(scope, id);
    const { settings } = deployment;
    const topics = severitiesToCheck(settings).map(
      (severity): ExpectedTopic => ({ severity, topic: alarms.topics.bySeverity[severity].topicArn }),
    );
    const toJson = (value: object): string => cdk.Stack.of(this).toJsonString(value);
    const alarmPrefix = alarmName(settings, '');
    const logGroup = createLogGroup(this, `/${deploymentNameOf(settings)}/self-check`, settings.logRetentionDays);
    const handler = deployFunction<SelfCheckEnv>(this, {
      functionName: functionNameOf(deployment, 'self-check'),
      description: 'Looks for what of the monitoring is switched off, missing or muted',
      folder: deployment.bundles.function('self-check'),
      timeout: cdk.Duration.minutes(2),
      memoryMb: 256,
      logGroup,
      tracing: false,
      network: deployment.network,
      logLevel: settings.logLevel,
      environment: {
        ...commonVariables(deployment),
        STATE_TABLE: table.tableName,
        SCHEDULES: toJson(expectedSchedules(stages)),
        SUBSCRIPTIONS: toJson(expectedSubscriptions(this)),
        TOPICS: toJson(topics),
        ...(alarmPrefix ? { ALARM_PREFIX: alarmPrefix } : {}),
      },
      may: [
        ...allowToReadMutes(this),
        new iam.PolicyStatement({ sid: 'ReadMetrics', actions: ['cloudwatch:GetMetricData'], resources: ['*'] }),
        new iam.PolicyStatement({
          sid: 'ReadSubscriptions',
          actions: ['logs:DescribeSubscriptionFilters'],
          resources: logGroupArns(this, settings),
        }),
        new iam.PolicyStatement({
          sid: 'RememberFindings',
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
          resources: [table.tableArn],
        }),
        ...(topics.length > 0
          ? [
              new iam.PolicyStatement({
                sid: 'ReadRecipients',
                actions: ['sns:ListSubscriptionsByTopic'],
                resources: topics.map(({ topic }) => topic),
              }),
            ]
          : []),
      ],
    });
    acknowledge(this, 'AwsSolutions-IAM5[Resource::*]', 'IAM cannot restrict which metrics are read.');
    handler.configureAsyncInvoke({ retryAttempts: 1, maxEventAge: cdk.Duration.minutes(30) });
    this.schedule = new Schedule(this, 'Schedule', {
      settings,
      function: handler,
      description: 'Looks for what of the monitoring is switched off, missing or muted',
      expression: 'rate(1 hour)',
    });
    addSelfCheckAlarms(this, alarms, handler.functionName, logGroup.logGroupName);
  }
}

function addSelfCheckAlarms(scope: Construct, alarms: AlarmContext, functionName: string, logGroupName: string): void {
  const sum = { statistic: 'Sum', period: HOUR };
  const service = deploymentNameOf(alarms.settings);
  const { service: byService, finding } = FINDING_DIMENSIONS;
  addAlarm(scope, alarms, {
    name: MONITORING_OFF,
    severity: 'warning',
    notifiesAllSeverities: true,
    means:
      'Something of the monitoring is switched off, missing, muted for long, or has nobody to notify. The runbook says ' +
      'how to see what.',
    metric: new cloudwatch.MathExpression({
      expression:
        `SELECT MAX(${FINDING_METRICS.off}) FROM SCHEMA("${NAMESPACE}", ${byService}, ${finding}) ` +
        `WHERE ${byService} = '${service}' GROUP BY ${finding} ORDER BY MAX() DESC`,
      label: 'found by the self-check',
      usingMetrics: {},
      period: HOUR,
    }),
    threshold: 0,
    // One run may slip into the next hour.
    badWindows: 1,
    windows: 2,
  });
  addAlarm(scope, alarms, {
    name: 'monitoring/unchecked',
    severity: 'warning',
    notifiesAllSeverities: true,
    means:
      'The self-check has not succeeded for three hours, or cannot write its log, so nobody knows whether something of ' +
      'the monitoring is off.',
    // Each run writes a line. Without any what it finds is no metric either, because metrics are read from its lines.
    metric: new cloudwatch.MathExpression({
      expression: 'IF(FILL(lines, 0) > 0, FILL(starts, 0) - FILL(errors, 0), 0)',
      usingMetrics: {
        starts: awsMetric('AWS/Lambda', 'Invocations', { FunctionName: functionName }, sum),
        errors: awsMetric('AWS/Lambda', 'Errors', { FunctionName: functionName }, sum),
        lines: awsMetric('AWS/Logs', 'IncomingLogEvents', { LogGroupName: logGroupName }, sum),
      },
      label: 'self-checks that succeeded',
      period: HOUR,
    }),
    threshold: 1,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    badWindows: 3,
    windows: 3,
    missingData: 'breaching',
  });
}
