import * as cdk from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { RefreshEnv } from '../lambdas/contract/env/refresh.ts';
import type { DatabaseAccess } from './database/database.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction, type Network } from './function.ts';
import { Schedule } from './schedule.ts';

interface RefreshProps {
  readonly deployment: Deployment;
  readonly network: Network;
  readonly database: DatabaseAccess;
}

/** Brings roll-ups, views and health up to date on a schedule. */
export class Refresh extends Construct {
  readonly function: lambda.Function;
  /** Where it writes the lines of evaluations of alert rules, beside its own log. */
  readonly logGroup: logs.LogGroup;
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, { deployment, network, database }: RefreshProps) {
    super(scope, id);
    const { settings } = deployment;
    this.logGroup = createLogGroup(this, `/${deploymentNameOf(settings)}/refresh`, settings.logRetentionDays);
    this.function = deployFunction<RefreshEnv>(this, {
      functionName: functionNameOf(deployment, 'refresh'),
      description: 'Brings roll-ups and views up to date',
      folder: deployment.bundles.function('refresh'),
      timeout: cdk.Duration.minutes(5),
      memoryMb: 256,
      logGroup: this.logGroup,
      tracing: false,
      logLevel: deployment.settings.logLevel,
      network,
      reservedConcurrency: 1,
      environment: {
        ...commonVariables(deployment),
        ...database.variables('toolwatch_refresher'),
        OTHER_ERROR_RATE: String(settings.alarms.fleetErrorRate),
      },
      may: [database.signInAs('toolwatch_refresher')],
    });
    // No retry: the next scheduled run comes soon enough.
    this.function.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: cdk.Duration.minutes(settings.refreshMinutes),
    });
    this.schedule = new Schedule(this, 'Schedule', {
      settings: deployment.settings,
      function: this.function,
      description: 'Brings roll-ups and views up to date',
      expression: settings.refreshMinutes === 1 ? 'rate(1 minute)' : `rate(${settings.refreshMinutes} minutes)`,
    });
  }
}
