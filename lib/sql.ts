import * as cdk from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { SqlEnv } from '../lambdas/contract/env/sql.ts';
import { MAX_STATEMENT_SECONDS } from '../lambdas/contract/sql.ts';
import type { DatabaseAccess } from './database/database.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction, type Network } from './function.ts';

interface SqlProps {
  readonly deployment: Deployment;
  readonly network: Network;
  readonly database: DatabaseAccess;
}

/** How many statements may run at once, each with one database connection. */
const CONCURRENCY = 2;
/** What it takes beside the statement: a cold start, signing in, and giving up a connection. */
const OVERHEAD_SECONDS = 20;
const [OPERATOR, TENANT] = ['toolwatch_operator_sql', 'toolwatch_tenant_sql'] as const;

/** Runs the statements of people who may invoke it; nothing else does. */
export class Sql extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { deployment, network, database }: SqlProps) {
    super(scope, id);
    const { settings } = deployment;
    this.function = deployFunction<SqlEnv>(this, {
      functionName: functionNameOf(deployment, 'sql'),
      description: "Runs people's statements that read",
      folder: deployment.bundles.function('sql'),
      timeout: cdk.Duration.seconds(MAX_STATEMENT_SECONDS + OVERHEAD_SECONDS),
      memoryMb: 512,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/sql`, settings.logRetentionDays),
      tracing: false,
      logLevel: settings.logLevel,
      network,
      reservedConcurrency: CONCURRENCY,
      environment: {
        ...commonVariables(deployment),
        ...database.variables(OPERATOR),
        DATABASE_TENANT_USER: TENANT,
      },
      may: [database.signInAs(OPERATOR, TENANT)],
    });
  }
}
