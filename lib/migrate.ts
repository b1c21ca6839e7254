import * as cdk from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { MigrateEnv } from '../lambdas/contract/env/migrate.ts';
import type { DatabaseAccess } from './database/database.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction, type Network } from './function.ts';
import { addTrigger } from './trigger.ts';

interface MigrateProps {
  readonly deployment: Deployment;
  readonly network: Network;
  readonly database: DatabaseAccess;
  /** Whether a day is dropped only when it is archived. */
  readonly archives: boolean;
  /** What reads or writes the schema: deployed after a successful migration, and not at all after one that fails. */
  readonly before: Construct[];
}

const TIMEOUT = cdk.Duration.minutes(10);

/**
 * Migrates the schema during every deployment that changes code. After a rollback the previous version of the code runs
 * on the new schema: so migrations only ever add.
 */
export class Migrate extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { deployment, network, database, archives, before }: MigrateProps) {
    super(scope, id);
    const { settings } = deployment;
    this.function = deployFunction<MigrateEnv>(this, {
      functionName: functionNameOf(deployment, 'migrate'),
      description: 'Migrates the schema to what the code expects',
      folder: deployment.bundles.function('migrate'),
      timeout: TIMEOUT,
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/migrate`, settings.logRetentionDays),
      tracing: false,
      logLevel: deployment.settings.logLevel,
      network,
      reservedConcurrency: 1,
      environment: {
        ...commonVariables(deployment),
        ...database.variables('toolwatch_owner'),
        ARCHIVES: archives ? 'yes' : 'no',
      },
      may: [database.signInAs('toolwatch_owner')],
    });
    addTrigger(this, 'OnDeploy', deployment, { handler: this.function, timeout: TIMEOUT, executeBefore: before });
  }
}
