import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { WorkerEnv } from '../../lambdas/contract/env/worker.ts';
import { callWriterVariables, type Deployment, functionNameOf, toolFunctionPrefix } from '../deployment.ts';
import { deployFunction } from '../function.ts';
import { Schedule } from '../schedule.ts';
import type { DeployedJobSettings } from '../settings/job-settings.ts';
import { allowToCallTools } from '../tools/call-tools.ts';

interface WorkerProps {
  readonly deployment: Deployment;
  readonly jobs: DeployedJobSettings;
  readonly calls: logs.ILogGroup;
  readonly store: lambda.Function;
  /** Where its starts go that failed. */
  readonly missedStarts: sqs.Queue;
}

/** Lambda's limit: a job may take nearly as long. */
const TIMEOUT = cdk.Duration.minutes(15);

/**
 * Makes the due jobs. It is outside of the database's network, from where tools can be invoked. One run at a time, so
 * that no more jobs run than the settings say; starts during a run are given up after a minute, for the run itself finds
 * what they would.
 */
export class Worker extends Construct {
  readonly function: lambda.Function;
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, { deployment, jobs, calls, store, missedStarts }: WorkerProps) {
    super(scope, id);
    const { settings } = deployment;
    const withArgument = settings.hooks.flatMap(({ source, argument }) => (argument ? [[source, argument]] : []));
    this.function = deployFunction<WorkerEnv>(this, {
      functionName: functionNameOf(deployment, 'worker'),
      description: 'Makes the due jobs',
      folder: deployment.bundles.function('worker'),
      timeout: TIMEOUT,
      memoryMb: 512,
      logGroup: calls,
      tracing: false,
      network: deployment.network,
      logLevel: settings.logLevel,
      reservedConcurrency: 1,
      environment: {
        ...callWriterVariables(deployment),
        JOBS_FUNCTION: store.functionName,
        TOOL_FUNCTION_PREFIX: toolFunctionPrefix(deployment),
        CONCURRENCY: String(jobs.concurrency),
        ARGUMENTS: JSON.stringify(Object.fromEntries(withArgument)),
      },
      may: [
        allowToCallTools(this, deployment),
        new iam.PolicyStatement({
          sid: 'ClaimJobs',
          actions: ['lambda:InvokeFunction'],
          resources: [store.functionArn],
        }),
      ],
    });
    // No retry: the next scheduled run comes soon enough.
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: cdk.Duration.minutes(1) });
    this.schedule = new Schedule(this, 'Schedule', {
      settings,
      function: this.function,
      description: 'Makes the due jobs',
      expression: 'rate(1 minute)',
      missedStarts,
    });
  }
}
