import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse } from 'aws-lambda';
import { AWS_TIMEOUTS } from '../contract/aws-timeouts.ts';
import type { DeliveredChannel } from '../contract/channels.ts';
import { deliverEnv } from '../contract/env/deliver.ts';
import { readVariables } from '../contract/env/read-variables.ts';
import { CHANNEL_DIMENSIONS, CHANNEL_METRICS, NAMESPACE } from '../contract/metrics.ts';
import { ChannelState } from './channel-state.ts';
import { Deliverer } from './deliverer.ts';
import { OpenChannels } from './open-channels.ts';
import { type QueuedRecord, Queues } from './queues.ts';
import { recordAttempt } from './record-attempt.ts';
import { sendRequest } from './send.ts';

const start = (): Deliverer => {
  const env = readVariables(deliverEnv);
  const serviceName = env.POWERTOOLS_SERVICE_NAME;
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName });
  const onDead = ({ name }: DeliveredChannel): void => {
    const metric = metrics.singleMetric();
    metric.addDimension(CHANNEL_DIMENSIONS.channel, name);
    metric.addMetric(CHANNEL_METRICS.dead, MetricUnit.Count, 1);
  };
  return new Deliverer({
    channels: env.CHANNELS,
    opened: new OpenChannels(),
    state: new ChannelState(new DynamoDBClient(AWS_TIMEOUTS), env.STATE_TABLE),
    // By the address of the region, which a queue's own address need not be below.
    queues: new Queues({ ...AWS_TIMEOUTS, useQueueUrlAsEndpoint: false }, logger),
    send: sendRequest,
    onAttempted: recordAttempt,
    onDead,
    logger,
    sleep,
  });
};

let deliverer: Deliverer | undefined;

/** Delivers notices from the queues of channels to them, and reports those that stay in their queues. */
export const handler = async (
  { Records }: { readonly Records: readonly QueuedRecord[] },
  context: { getRemainingTimeInMillis(): number },
): Promise<SQSBatchResponse> => {
  deliverer ??= start();
  const staying = await deliverer.deliverRecords(Records, Date.now() + context.getRemainingTimeInMillis());
  return { batchItemFailures: staying.map((itemIdentifier) => ({ itemIdentifier })) };
};
