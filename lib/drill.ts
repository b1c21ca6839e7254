import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { DrillEnv } from '../lambdas/contract/env.ts';
import type { Severity } from '../lambdas/contract/severity.ts';
import { addAlarm } from './alarms/alarm.ts';
import type { AlarmContext } from './alarms/alarm-spec.ts';
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
}

const METRICS: Record<Severity, PipelineMetric> = { critical: 'drillCritical', warning: 'drillWarning' };
/** What the function takes beside waiting: its start, and reading the metrics a last time. */
const OVERHEAD_SECONDS = 30;

/**
 * Sets off once a week, by its metric, an alarm of each severity that has recipients, marked as a drill: so a way of
 * notification that is broken is found on a Tuesday morning. Without any recipient there is no drill.
 */
export class Drill extends Construct {
  readonly schedule: Schedule | undefined;

  constructor(scope: Construct, id: string, { deployment, drill, alarms }: DrillProps) {
    super(scope, id);
    const { settings } = deployment;
    const severities = severitiesToCheck(settings);
    if (severities.length === 0) return;
    for (const severity of severities) this.addDrillAlarm(alarms, settings, severity);

    const topicNames = Object.fromEntries(
      severities.map((severity) => [severity, alarms.topics.bySeverity[severity].topicName]),
    );
    const handler = deployFunction<DrillEnv>(this, {
      functionName: functionNameOf(deployment, 'drill'),
      description: 'Sets off an alarm once a week, and checks that its recipients are notified',
      folder: deployment.bundles.function('drill'),
      timeout: cdk.Duration.seconds(drill.timeoutSeconds + OVERHEAD_SECONDS),
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/drill`, settings.logRetentionDays),
      tracing: false,
      network: deployment.network,
      logLevel: deployment.settings.logLevel,
      environment: {
        ...commonVariables(deployment),
        DRILL_TOPICS: cdk.Stack.of(this).toJsonString(topicNames),
        DRILL_TIMEOUT_SECONDS: String(drill.timeoutSeconds),
      },
      may: [new iam.PolicyStatement({ sid: 'ReadMetrics', actions: ['cloudwatch:GetMetricData'], resources: ['*'] })],
    });
    acknowledge(this, 'AwsSolutions-IAM5[Resource::*]', 'IAM cannot restrict which metrics are read.');
    // No retry: it would set the alarms off again.
    handler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: cdk.Duration.hours(1) });
    this.schedule = new Schedule(this, 'Schedule', {
      settings: deployment.settings,
      function: handler,
      description: 'Sets off an alarm once a week, and checks that its recipients are notified',
      expression: drill.at,
    });
    addAlarm(this, alarms, {
      name: 'pipeline/drill-unheard',
      severity: 'critical',
      notifiesAllSeverities: true,
      means:
        'The weekly drill set off an alarm, but not every recipient was notified. The next alarm would fare the same.',
      metric: awsMetric(
        'AWS/Lambda',
        'Errors',
        { FunctionName: handler.functionName },
        { statistic: 'Sum', period: cdk.Duration.minutes(5) },
      ),
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
