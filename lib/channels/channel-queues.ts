import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Deployment, functionNameOf } from '../deployment.ts';
import { acknowledge } from '../nag.ts';
import type { AlertChannel } from '../settings/alert-channel-settings.ts';

/** How long one run of the function that delivers may take. */
export const DELIVER_TIMEOUT = Duration.seconds(45);
/** As Lambda recommends for a queue, six times that: when a message comes back whose run was ended. */
const VISIBILITY = Duration.seconds(270);
/** With the waits between attempts more than a day; then a message is among the dead letters, for two weeks. */
const MAX_RECEIVES = 12;

/** A channel and its queues. */
export interface ChannelQueue {
  readonly channel: AlertChannel;
  /** The notices that it gets: in order where they are about one thing. */
  readonly queue: sqs.Queue;
  /** Those that could not be delivered. */
  readonly deadLetters: sqs.Queue;
}

const FIFO = { fifo: true, enforceSSL: true, encryption: sqs.QueueEncryption.SQS_MANAGED } as const;

/**
 * A queue for each channel. First in, first out within each group, because what is about one incident must arrive in
 * order, and because such a queue takes a notice once that is sent twice.
 */
export const createChannelQueues = (scope: Construct, deployment: Deployment): ChannelQueue[] => {
  const { channels } = deployment.settings.alerts;
  if (channels.length === 0) return [];
  const parent = new Construct(scope, 'Channels');
  return channels.map((channel) => {
    const own = new Construct(parent, channel.name);
    const deadLetters = new sqs.Queue(own, 'DeadLetters', {
      ...FIFO,
      queueName: `${functionNameOf(deployment, `dead-${channel.name}`)}.fifo`,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(deadLetters, 'AwsSolutions-SQS3', 'It is a dead-letter queue itself.');
    const queue = new sqs.Queue(own, 'Queue', {
      ...FIFO,
      queueName: `${functionNameOf(deployment, `channel-${channel.name}`)}.fifo`,
      visibilityTimeout: VISIBILITY,
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
    return { channel, queue, deadLetters };
  });
};
