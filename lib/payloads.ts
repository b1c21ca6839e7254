import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { PayloadsEnv } from '../lambdas/contract/env/payloads.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction } from './function.ts';
import { Schedule } from './schedule.ts';

/** After this time the bucket of the data stack deletes a payload that was not replayed. */
export const PAYLOADS_RETAINED_DAYS = 90;

interface PayloadsProps {
  readonly deployment: Deployment;
  readonly retainedPayloads: s3.IBucket;
}

/**
 * Counts the retained payloads every hour. Ingest cannot, because it does not run while nothing is written; nor can
 * the other functions of the store, because their network may have no way to S3.
 */
export class Payloads extends Construct {
  readonly function: lambda.Function;
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, { deployment, retainedPayloads }: PayloadsProps) {
    super(scope, id);
    const { settings } = deployment;
    this.function = deployFunction<PayloadsEnv>(this, {
      functionName: functionNameOf(deployment, 'payloads'),
      description: 'Counts the payloads that wait to be replayed',
      folder: deployment.bundles.function('payloads'),
      timeout: cdk.Duration.minutes(1),
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/payloads`, settings.logRetentionDays),
      network: deployment.network,
      logLevel: settings.logLevel,
      tracing: false,
      environment: { ...commonVariables(deployment), RETAINED_PAYLOADS: retainedPayloads.bucketName },
      may: [
        new iam.PolicyStatement({
          sid: 'ListPayloads',
          actions: ['s3:ListBucket'],
          resources: [retainedPayloads.bucketArn],
        }),
      ],
    });
    // No retry: the next hour comes soon enough.
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: cdk.Duration.minutes(10) });
    this.schedule = new Schedule(this, 'Schedule', {
      settings: deployment.settings,
      function: this.function,
      description: 'Counts the payloads that wait to be replayed',
      expression: 'cron(50 * * * ? *)',
    });
  }
}
