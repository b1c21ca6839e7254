import { Logger } from '@aws-lambda-powertools/logger';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { AWS_TIMEOUTS } from '../contract/aws-timeouts.ts';
import { toReason } from '../contract/dead-letter-reason.ts';
import { collectEnv } from '../contract/env/collect.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { askJobsBy } from '../contract/jobs/ask-jobs.ts';
import { scheduledStart } from '../contract/jobs/scheduled-job.ts';
import { parseAs } from '../contract/parse-as.ts';
import { type CollectorParts, collectJobs, type QueuedJob } from './collector.ts';
import { toScheduledJob } from './scheduled.ts';

const start = () => {
  const env = readVariables(collectEnv);
  const logger = new Logger({ serviceName: env.POWERTOOLS_SERVICE_NAME });
  const lambda = new LambdaClient({ maxAttempts: 1 });
  // By the address of the region, which a queue's own address need not be below.
  const sqs = new SQSClient({ ...AWS_TIMEOUTS, useQueueUrlAsEndpoint: false });
  const ask = askJobsBy((Payload) => lambda.send(new InvokeCommand({ FunctionName: env.JOBS_FUNCTION, Payload })));
  const parts: CollectorParts = {
    store: (jobs) => ask({ do: 'store', jobs }),
    putAside: async ({ messageId, body }, reason) => {
      logger.error('A message was put among the dead letters', { messageId, reason });
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: env.DEAD_LETTERS_URL,
          MessageBody: body,
          MessageAttributes: { reason: { DataType: 'String', StringValue: toReason(reason) } },
        }),
      );
    },
    nudge: async () => {
      await lambda.send(
        new InvokeCommand({ FunctionName: env.WORKER_FUNCTION, InvocationType: 'Event', Payload: '{}' }),
      );
    },
    logger,
  };
  const accept = async (event: unknown): Promise<void> => {
    const job = toScheduledJob(env.SCHEDULED_JOBS, parseAs(scheduledStart, event, 'The start'), Date.now());
    await sqs.send(new SendMessageCommand({ QueueUrl: env.QUEUE_URL, MessageBody: JSON.stringify(job) }));
  };
  return { parts, accept };
};

let started: ReturnType<typeof start> | undefined;

/**
 * Has the jobs of the queue's messages stored, and reports those that stay. Started by a schedule of jobs, it sends the
 * schedule's job to the queue, and throws when that fails, so that it is started again.
 */
export const handler = async (
  event: { readonly Records: readonly QueuedJob[] } | { readonly schedule: string },
): Promise<SQSBatchResponse> => {
  started ??= start();
  const { parts, accept } = started;
  if ('Records' in event) {
    const staying = await collectJobs(parts, event.Records);
    return { batchItemFailures: staying.map((itemIdentifier) => ({ itemIdentifier })) };
  }
  await accept(event);
  return { batchItemFailures: [] };
};
