import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { SECOND_MS } from '../contract/durations.ts';
import { hooksEnv } from '../contract/env/hooks.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { HOOK_DIMENSIONS, HOOK_METRICS, NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { type HookEvent, Receiver } from './receiver.ts';
import { SendersSecrets } from './senders-secrets.ts';

/** Senders wait five seconds at the least; a job that was sent twice is stored once. */
const QUEUE_TIMEOUTS = {
  requestHandler: { connectionTimeout: SECOND_MS, requestTimeout: 2 * SECOND_MS, throwOnRequestTimeout: true },
  maxAttempts: 2,
};

const start = (): Receiver => {
  const env = readVariables(hooksEnv);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName });
  // By the address of the region, which a queue's own address need not be below.
  const sqs = new SQSClient({ ...QUEUE_TIMEOUTS, useQueueUrlAsEndpoint: false });
  return new Receiver({
    hooks: env.HOOKS,
    attempts: env.JOB_ATTEMPTS,
    secrets: new SendersSecrets(Date.now),
    send: async (job) => {
      await sqs.send(new SendMessageCommand({ QueueUrl: env.JOB_QUEUE, MessageBody: JSON.stringify(job) }));
    },
    now: Date.now,
    onVerified: (source, isSigned) => {
      const metric = metrics.singleMetric();
      metric.addDimension(HOOK_DIMENSIONS.source, source);
      metric.addMetric(HOOK_METRICS.refusals, MetricUnit.Count, isSigned ? -1 : 1);
    },
    onFailed: () => metrics.singleMetric().addMetric(PIPELINE_METRICS.hooksFailed, MetricUnit.Count, 1),
    logger: new Logger({ serviceName }),
  });
};

let receiver: Receiver | undefined;

/** Receives the requests of outside services, and answers once the queue has the job that each becomes. */
export const handler = async (event: HookEvent): Promise<APIGatewayProxyStructuredResultV2> => {
  receiver ??= start();
  return receiver.receive(event);
};
