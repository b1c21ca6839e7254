import * as cdk from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { drillSeverityOf } from '../lambdas/contract/drill.ts';
import type { DrillEnv, DrilledSeverity } from '../lambdas/contract/env/drill.ts';
import { SEVERITIES, type Severity } from '../lambdas/contract/severity.ts';
import { addAlarm } from './alarms/alarm.ts';
import type { AlarmContext } from './alarms/alarm-spec.ts';
import { totalOf } from './alarms/pipeline.ts';
import type { ChannelQueue } from './channels/channel-queues.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction } from './function.ts';
import { awsMetric, type PipelineMetric, pipelineMetric } from './metrics.ts';
import { acknowledge } from './nag.ts';
import { Schedule } from './schedule.ts';
import type { Settings } from './settings.ts';
import { severitiesToCheck } from './topics.ts';

interface DrillProps {
  readonly deployment: Deployment;
  readonly drill: Exclude<Settings['drill'], false>;
  readonly alarms: AlarmContext;
  readonly channels: readonly ChannelQueue[];
  /** The notifier's, in which its messages are written down. */
  readonly table: dynamodb.Table;
}

const METRICS: Record<Severity, PipelineMetric> = { critical: 'drillCritical', warning: 'drillWarning' };
/** What the function takes beside waiting: its start, and reading the metrics a last time. */
const OVERHEAD_SECONDS = 30;
const FIVE_MINUTES = cdk.Duration.minutes(5);

/** Each severity that somebody is to hear of, by its topic or in a channel. */
const findDrilled = (
  settings: Settings,
  topics: AlarmContext['topics'],
  channels: readonly ChannelQueue[],
): DrilledSeverity[] => {
  const observed = severitiesToCheck(settings);
  return SEVERITIES.flatMap((severity) => {
    const names = channels.flatMap(({ channel }) => (drillSeverityOf(channel) === severity ? [channel.name] : []));
    const topic = observed.includes(severity) ? topics.bySeverity[severity].topicArn : undefined;
    if (topic === undefined && names.length === 0) return [];
    return [{ severity, channels: names, ...(topic !== undefined && { topic }) }];
  });
};

const followTopics = (topics: string[]): iam.PolicyStatement[] => [
  new iam.PolicyStatement({ sid: 'ReadMetrics', actions: ['cloudwatch:GetMetricData'], resources: ['*'] }),
  new iam.PolicyStatement({ sid: 'CountRecipients', actions: ['sns:ListSubscriptionsByTopic'], resources: topics }),
];

/**
 * Sets off once a week, by its metric, an alarm of each severity that has recipients or channels, marked as a drill, and
 * follows its message to each of them: so a way to people that is broken is found on a Tuesday morning. Without anybody to
 * hear it there is no drill.
 */
class Drill extends Construct {
  readonly schedule: Schedule | undefined;

  constructor(scope: Construct, id: string, { deployment, drill, alarms, channels, table }: DrillProps) {
    super(scope, id);
    const { settings } = deployment;
    const drilled = findDrilled(settings, alarms.topics, channels);
    if (drilled.length === 0) return;
    for (const { severity } of drilled) this.addDrillAlarm(alarms, settings, severity);
    const topics = drilled.flatMap(({ topic }) => topic ?? []);

    const handler = deployFunction<DrillEnv>(this, {
      functionName: functionNameOf(deployment, 'drill'),
      description: 'Sets off an alarm once a week, and follows its message to everybody',
      folder: deployment.bundles.function('drill'),
      timeout: cdk.Duration.seconds(drill.timeoutSeconds + OVERHEAD_SECONDS),
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/drill`, settings.logRetentionDays),
      tracing: false,
      network: deployment.network,
      logLevel: deployment.settings.logLevel,
      environment: {
        ...commonVariables(deployment),
        STATE_TABLE: table.tableName,
        DRILLED: cdk.Stack.of(this).toJsonString(drilled),
        DRILL_TIMEOUT_SECONDS: String(drill.timeoutSeconds),
      },
      may: [
        new iam.PolicyStatement({
          sid: 'FollowItsMessages',
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
          resources: [table.tableArn],
        }),
        ...(topics.length > 0 ? followTopics(topics) : []),
      ],
    });
    if (topics.length > 0)
      acknowledge(this, 'AwsSolutions-IAM5[Resource::*]', 'IAM cannot restrict which metrics are read.');
    // No retry: it would set the alarms off again.
    handler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: cdk.Duration.hours(1) });
    this.schedule = new Schedule(this, 'Schedule', {
      settings: deployment.settings,
      function: handler,
      description: 'Sets off an alarm once a week, and follows its message to everybody',
      expression: drill.at,
    });
    addAlarm(this, alarms, {
      name: 'pipeline/drill-unheard',
      severity: 'critical',
      notifiesAllSeverities: true,
      means:
        'The drill set off an alarm, but not everybody was notified: it did not reach a recipient or a channel. The next ' +
        'alarm would fare the same.',
      metric: totalOf('ways on which the drill did not arrive', [
        pipelineMetric(deploymentNameOf(settings), 'drillFailed', { statistic: 'Sum', period: FIVE_MINUTES }),
        awsMetric(
          'AWS/Lambda',
          'Errors',
          { FunctionName: handler.functionName },
          { statistic: 'Sum', period: FIVE_MINUTES },
        ),
      ]),
      threshold: 0,
    });
  }

  private addDrillAlarm(alarms: AlarmContext, settings: Settings, severity: Severity): void {
    addAlarm(this, alarms, {
      name: `drill/${severity}`,
      severity,
      means: `THIS IS A DRILL: nothing is wrong. It proves that ${severity} alarms still reach you.`,
      metric: pipelineMetric(deploymentNameOf(settings), METRICS[severity], {
        statistic: 'Sum',
        period: cdk.Duration.minutes(1),
      }),
      threshold: 0,
    });
  }
}

/** Adds the drill, unless the settings leave it out. */
export const addDrill = (scope: Construct, props: Omit<DrillProps, 'drill'>): Drill | undefined => {
  const { drill } = props.deployment.settings;
  return drill ? new Drill(scope, 'Drill', { ...props, drill }) : undefined;
};
