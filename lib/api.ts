import * as cdk from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { ApiEnv } from '../lambdas/contract/env.ts';
import type { DatabaseAccess } from './database/database.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { frontDoorVariables } from './front-door/front-door-variables.ts';
import { createLogGroup, deployFunction, type Network } from './function.ts';

interface ApiProps {
  readonly deployment: Deployment;
  readonly network: Network;
  readonly database: DatabaseAccess;
}

/** How many instances may run, each with one database connection. */
const CONCURRENCY = 10;

/** Serves health, reports, metrics for Prometheus and the page from the database. */
export class Api extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { deployment, network, database }: ApiProps) {
    super(scope, id);
    const { settings } = deployment;
    this.function = deployFunction<ApiEnv>(this, {
      functionName: functionNameOf(deployment, 'api'),
      description: 'Serves the page, reports, Prometheus and the telemetry tools',
      folder: deployment.bundles.function('api'),
      timeout: cdk.Duration.seconds(30),
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${settings.service}/api`, settings.logRetentionDays),
      tracing: false,
      logLevel: deployment.settings.logLevel,
      network,
      reservedConcurrency: CONCURRENCY,
      environment: {
        ...commonVariables(deployment),
        ...frontDoorVariables(settings),
        ...database.variables('toolwatch_reader'),
      },
      may: [database.signInAs('toolwatch_reader')],
    });
  }
}
