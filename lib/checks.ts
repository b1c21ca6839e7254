import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ChecksEnv } from '../lambdas/contract/env/checks.ts';
import { callWriterVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deployFunction } from './function.ts';
import { acknowledge } from './nag.ts';
import { Schedule } from './schedule.ts';

interface ChecksProps {
  readonly deployment: Deployment;
  readonly calls: logs.ILogGroup;
}

/** What the function takes beside the slowest check, in seconds. */
const OVERHEAD_SECONDS = 10;

/**
 * Runs the checks of the settings on a schedule. It is outside the database's network, which has no way out, and writes
 * the results as lines into the log of calls: so they are stored, are metrics, and the api finds them.
 */
export class Checks extends Construct {
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, { deployment, calls }: ChecksProps) {
    super(scope, id);
    const { checks, checkMinutes } = deployment.settings;
    const slowest = Math.max(...checks.map((check) => ('timeoutSeconds' in check ? check.timeoutSeconds : 0)));
    const readsMetrics = checks.some(({ kind }) => kind === 'queue');
    const handler = deployFunction<ChecksEnv>(this, {
      functionName: functionNameOf(deployment, 'checks'),
      description: 'Checks what the tools depend on',
      folder: deployment.bundles.function('checks'),
      timeout: cdk.Duration.seconds(slowest + OVERHEAD_SECONDS),
      memoryMb: 256,
      logGroup: calls,
      network: deployment.network,
      logLevel: deployment.settings.logLevel,
      tracing: false,
      environment: { ...callWriterVariables(deployment), CHECKS: JSON.stringify(checks) },
      may: readsMetrics
        ? [new iam.PolicyStatement({ sid: 'ReadMetrics', actions: ['cloudwatch:GetMetricData'], resources: ['*'] })]
        : [],
    });
    if (readsMetrics) {
      acknowledge(this, 'AwsSolutions-IAM5[Resource::*]', 'IAM cannot restrict which metrics are read.');
    }
    // No retry: the next scheduled run comes soon enough.
    handler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: cdk.Duration.minutes(checkMinutes) });
    this.schedule = new Schedule(this, 'Schedule', {
      settings: deployment.settings,
      function: handler,
      description: 'Checks what the tools depend on',
      expression: checkMinutes === 1 ? 'rate(1 minute)' : `rate(${checkMinutes} minutes)`,
    });
  }
}
