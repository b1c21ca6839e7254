import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { CompletenessEnv } from '../lambdas/contract/env/completeness.ts';
import { commonVariables, type Deployment, functionNameOf, toolFunctionPrefix } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction } from './function.ts';
import { acknowledge } from './nag.ts';
import { Schedule } from './schedule.ts';

interface CompletenessProps {
  readonly deployment: Deployment;
  readonly api: lambda.IFunction;
}

/**
 * Compares every hour how many calls Lambda, the metrics and the store count in each quarter of an hour, and writes the
 * share that arrived as a metric.
 */
export class Completeness extends Construct {
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, { deployment, api }: CompletenessProps) {
    super(scope, id);
    const { settings } = deployment;
    const handler = deployFunction<CompletenessEnv>(this, {
      functionName: functionNameOf(deployment, 'completeness'),
      description: 'Measures which share of calls became a metric and a row',
      folder: deployment.bundles.function('completeness'),
      timeout: cdk.Duration.minutes(2),
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/completeness`, settings.logRetentionDays),
      tracing: false,
      network: deployment.network,
      logLevel: deployment.settings.logLevel,
      environment: {
        ...commonVariables(deployment),
        API_FUNCTION: api.functionName,
        TOOL_FUNCTION_PREFIX: toolFunctionPrefix(deployment),
      },
      may: [
        new iam.PolicyStatement({
          sid: 'AskTheApi',
          actions: ['lambda:InvokeFunction'],
          resources: [api.functionArn],
        }),
        new iam.PolicyStatement({ sid: 'ReadMetrics', actions: ['cloudwatch:GetMetricData'], resources: ['*'] }),
      ],
    });
    acknowledge(this, 'AwsSolutions-IAM5[Resource::*]', 'IAM cannot restrict which metrics are read.');
    handler.configureAsyncInvoke({ retryAttempts: 1, maxEventAge: cdk.Duration.minutes(10) });
    this.schedule = new Schedule(this, 'Schedule', {
      settings: deployment.settings,
      function: handler,
      description: 'Measures which share of calls became a metric and a row',
      // Not more often: each run is billed for the metrics it reads, two a tool. At :40 the hour before no longer
      // changes.
      expression: 'cron(40 * * * ? *)',
    });
  }
}
