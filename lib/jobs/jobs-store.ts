import * as cdk from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { JobsEnv } from '../../lambdas/contract/env/jobs.ts';
import type { DatabaseAccess } from '../database/database.ts';
import { commonVariables, type Deployment, functionNameOf } from '../deployment.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { createLogGroup, deployFunction, type Network } from '../function.ts';

export interface JobsStoreProps {
  readonly deployment: Deployment;
  readonly network: Network;
  readonly database: DatabaseAccess;
}

/** How many requests may run at once, each with one database connection: those of the worker, and of `collect`. */
const CONCURRENCY = 10;

/** The function that works on the rows of jobs, for those outside of the database's network. */
export class JobsStore extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { deployment, network, database }: JobsStoreProps) {
    super(scope, id);
    const { settings } = deployment;
    this.function = deployFunction<JobsEnv>(this, {
      functionName: functionNameOf(deployment, 'jobs'),
      description: 'Stores, claims and finishes jobs',
      folder: deployment.bundles.function('jobs'),
      timeout: cdk.Duration.seconds(30),
      memoryMb: 512,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/jobs`, settings.logRetentionDays),
      tracing: false,
      logLevel: settings.logLevel,
      network,
      reservedConcurrency: CONCURRENCY,
      environment: { ...commonVariables(deployment), ...database.variables('toolwatch_jobs') },
      may: [database.signInAs('toolwatch_jobs')],
    });
  }
}
