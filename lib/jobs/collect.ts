import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CollectEnv } from '../../lambdas/contract/env/collect.ts';
import type { ScheduledJob } from '../../lambdas/contract/jobs/scheduled-job.ts';
import { NO_TENANT } from '../../lambdas/contract/vocabulary.ts';
import { commonVariables, type Deployment, functionNameOf } from '../deployment.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { createLogGroup, deployFunction } from '../function.ts';
import { allowToEncryptQueues } from '../organization/key-statements.ts';
import { SCHEDULED_TIME, Schedule } from '../schedule.ts';
import type { DeployedJobSettings } from '../settings/job-settings.ts';
import type { JobQueue } from './job-queue.ts';

interface CollectProps {
  readonly deployment: Deployment;
  readonly jobs: DeployedJobSettings;
  readonly queue: JobQueue;
  readonly store: lambda.Function;
  readonly worker: lambda.Function;
  /** Where starts of the schedules of the settings go that failed. */
  readonly missedStarts: sqs.Queue;
}

/** As the queue's visibility timeout expects, a sixth of it. */
const TIMEOUT = cdk.Duration.seconds(60);
const BATCH = 10;
/** How many batches at once: what comes faster waits in the queue. */
const CONCURRENCY = 5;

const scheduledJobsOf = ({ schedules, attempts }: DeployedJobSettings): Record<string, ScheduledJob> =>
  Object.fromEntries(
    schedules.map(({ name, tool, arguments: args, sync }) => [
      name,
      {
        ...{ tool, arguments: args, tenant_id: NO_TENANT, max_attempts: attempts },
        ...(sync && { sync: { direction: sync.direction, entity_type: sync.entityType } }),
      },
    ]),
  );

/** Has the jobs in the queue stored. A schedule of jobs starts it too, and it sends the schedule's job to the queue. */
export class Collect extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: CollectProps) {
    super(scope, id);
    const { queue, deployment, jobs, missedStarts } = props;
    this.function = this.addFunction(props);
    this.function.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: cdk.Duration.hours(6) });
    new lambda.CfnEventSourceMapping(this, 'Mapping', {
      eventSourceArn: queue.queue.queueArn,
      functionName: this.function.functionName,
      batchSize: BATCH,
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: CONCURRENCY },
    });
    for (const { name, tool, at, timeZone } of jobs.schedules) {
      new Schedule(this, `Schedule-${name}`, {
        settings: deployment.settings,
        function: this.function,
        description: `Has ${tool} called`,
        expression: at,
        timeZone,
        input: JSON.stringify({ schedule: name, scheduled_at: SCHEDULED_TIME }),
        missedStarts,
      });
    }
  }

  private addFunction({ deployment, jobs, queue, store, worker }: CollectProps): lambda.Function {
    const { settings } = deployment;
    return deployFunction<CollectEnv>(this, {
      functionName: functionNameOf(deployment, 'collect'),
      description: 'Has accepted jobs stored',
      folder: deployment.bundles.function('collect'),
      timeout: TIMEOUT,
      memoryMb: 512,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/collect`, settings.logRetentionDays),
      tracing: false,
      network: deployment.network,
      logLevel: settings.logLevel,
      environment: {
        ...commonVariables(deployment),
        JOBS_FUNCTION: store.functionName,
        WORKER_FUNCTION: worker.functionName,
        QUEUE_URL: queue.queue.queueUrl,
        DEAD_LETTERS_URL: queue.deadLetters.queueUrl,
        SCHEDULED_JOBS: JSON.stringify(scheduledJobsOf(jobs)),
      },
      may: [
        new iam.PolicyStatement({
          sid: 'ReadTheQueue',
          actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
          resources: [queue.queue.queueArn],
        }),
        new iam.PolicyStatement({
          sid: 'PutAside',
          actions: ['sqs:SendMessage'],
          resources: [queue.deadLetters.queueArn, ...(jobs.schedules.length > 0 ? [queue.queue.queueArn] : [])],
        }),
        ...allowToEncryptQueues(this, settings),
        new iam.PolicyStatement({
          sid: 'StoreJobs',
          actions: ['lambda:InvokeFunction'],
          resources: [store.functionArn, worker.functionArn],
        }),
      ],
    });
  }
}
