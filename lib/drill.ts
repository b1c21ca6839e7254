import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { DrillEnv } from '../lambdas/contract/env.ts';
import { type AlarmContext, addAlarm } from './alarms/alarm.ts';
import { allFunctionNames, type Deployment, functionNameOf } from './deployment.ts';
import { createLogGroup, deployFunction } from './function.ts';
import { awsMetric, type PipelineMetric, pipelineMetric } from './metrics.ts';
import { acknowledge } from './nag.ts';
import { Schedule } from './schedule.ts';
import type { Settings } from './settings.ts';
import { type Severity, severitiesWithRecipients } from './topics.ts';

interface DrillProps {
  readonly deployment: Deployment;
  readonly drill: Exclude<Settings['drill'], false>;
  readonly alarms: AlarmContext;
}

const RINGS: Record<Severity, PipelineMetric> = { critical: 'drillCritical', warning: 'drillWarning' };
/** Beyond its patience: a start, and a last look. */
const SECONDS_TO_ASK = 30;

/**
 * Once a week an alarm of each severity that people are told of is set off by its metric, and called a drill: what tells nobody is
 * found out on a Tuesday morning. Left out where nobody is told of anything.
 */
export class Drill extends Construct {
  readonly schedule: Schedule | undefined;

  constructor(scope: Construct, id: string, { deployment, drill, alarms }: DrillProps) {
    super(scope, id);
    const { settings } = deployment;
    const severities = severitiesWithRecipients(settings);
    if (severities.length === 0) return;
    for (const severity of severities) this.addDrillAlarm(alarms, settings, severity);

    const topics = Object.fromEntries(
      severities.map((severity) => [severity, alarms.topics.bySeverity[severity].topicName]),
    );
    const handler = deployFunction<DrillEnv>(this, {
      functionName: functionNameOf(deployment, 'drill'),
      description: 'Sets off an alarm once a week, and sees that somebody is told',
      folder: deployment.bundles.function('drill'),
      timeout: cdk.Duration.seconds(drill.patienceSeconds + SECONDS_TO_ASK),
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${settings.service}/drill`, settings.logRetentionDays),
      tracing: false,
      environment: {
        ...allFunctionNames(deployment),
        DRILL_TOPICS: cdk.Stack.of(this).toJsonString(topics),
        DRILL_PATIENCE_SECONDS: String(drill.patienceSeconds),
      },
      may: [new iam.PolicyStatement({ sid: 'ReadMetrics', actions: ['cloudwatch:GetMetricData'], resources: ['*'] })],
    });
    acknowledge(this, 'AwsSolutions-IAM5[Resource::*]', 'Metrics are read as a whole or not at all.');
    // Once: a second try would ring again.
    handler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: cdk.Duration.hours(1) });
    this.schedule = new Schedule(this, 'Schedule', {
      function: handler,
      description: 'Sets off an alarm once a week, and sees that somebody is told',
      expression: drill.at,
    });
    addAlarm(this, alarms, {
      name: 'pipeline/drill-unheard',
      severity: 'critical',
      notifiesAllSeverities: true,
      means:
        'The weekly drill set off an alarm and nobody was told, or not everybody: the next alarm would be as silent.',
      metric: awsMetric(
        'AWS/Lambda',
        'Errors',
        { FunctionName: handler.functionName },
        { statistic: 'Sum', period: cdk.Duration.minutes(5) },
      ),
      threshold: 0,
    });
  }

  private addDrillAlarm(alarms: AlarmContext, { service }: Settings, severity: Severity): void {
    addAlarm(this, alarms, {
      name: `drill/${severity}`,
      severity,
      means: `THIS IS A DRILL: nothing is wrong. It proves that an alarm of severity ${severity} still reaches you.`,
      metric: pipelineMetric(service, RINGS[severity], { statistic: 'Sum', period: cdk.Duration.minutes(1) }),
      threshold: 0,
    });
  }
}
