import * as cdk from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { ApiEnv } from '../lambdas/contract/env.ts';
import type { DatabaseAccess } from './database/database.ts';
import { allFunctionNames, type Deployment, functionNameOf } from './deployment.ts';
import { frontDoorVariables } from './front-door/front-door-variables.ts';
import { createLogGroup, deployFunction, type Network } from './function.ts';

interface ApiProps {
  readonly deployment: Deployment;
  readonly network: Network;
  readonly database: DatabaseAccess;
}

/** How many copies may run, each with one connection. */
const CONCURRENCY = 10;

/** Health, reports, Prometheus text and the page, read from the database. */
export class Api extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { deployment, network, database }: ApiProps) {
    super(scope, id);
    const { settings } = deployment;
    this.function = deployFunction<ApiEnv>(this, {
      functionName: functionNameOf(deployment, 'api'),
      description: 'Answers people, Prometheus and the telemetry tools',
      folder: deployment.bundles.function('api'),
      timeout: cdk.Duration.seconds(30),
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${settings.service}/api`, settings.logRetentionDays),
      tracing: false,
      network,
      reservedConcurrency: CONCURRENCY,
      environment: {
        ...allFunctionNames(deployment),
        ...frontDoorVariables(settings),
        ...database.variables('toolwatch_reader'),
      },
      may: [database.signInAs('toolwatch_reader')],
    });
  }
}
