import * as cdk from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { RetentionEnv } from '../lambdas/contract/env/retention.ts';
import type { DatabaseAccess } from './database/database.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction, type Network } from './function.ts';
import { Schedule } from './schedule.ts';

interface RetentionProps {
  readonly deployment: Deployment;
  readonly network: Network;
  readonly database: DatabaseAccess;
}

/** Creates the partitions of coming days once a day, and drops those older than the setting `retentionDays`. */
export class Retention extends Construct {
  readonly function: lambda.Function;
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, { deployment, network, database }: RetentionProps) {
    super(scope, id);
    const { settings } = deployment;
    this.function = deployFunction<RetentionEnv>(this, {
      functionName: functionNameOf(deployment, 'retention'),
      description: 'Creates coming partitions, drops old ones',
      folder: deployment.bundles.function('retention'),
      timeout: cdk.Duration.minutes(15),
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/retention`, settings.logRetentionDays),
      tracing: false,
      logLevel: deployment.settings.logLevel,
      network,
      reservedConcurrency: 1,
      environment: {
        ...commonVariables(deployment),
        ...database.variables('toolwatch_retention'),
        RETENTION_DAYS: String(settings.retentionDays),
        DISK_BYTES: String(database.diskBytes),
      },
      may: [database.signInAs('toolwatch_retention')],
    });
    this.function.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: cdk.Duration.hours(6) });
    this.schedule = new Schedule(this, 'Schedule', {
      settings: deployment.settings,
      function: this.function,
      description: 'Creates coming partitions, drops old ones',
      expression: 'cron(15 3 * * ? *)',
    });
  }
}
