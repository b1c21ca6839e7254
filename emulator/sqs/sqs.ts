import { randomUUID } from 'node:crypto';
import { type Clock, MINUTE_MS, repeatAligned } from '../clock.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Iam } from '../iam/iam.ts';
import type { Principal } from '../iam/policy.ts';
import type { OpenJournal } from '../journal.ts';
import { arnOf, type Place } from '../place.ts';
import { JournaledQueues } from './journaled-queues.ts';
import type { Message, Queue, ReceivedMessage } from './queue.ts';
import { sqsResources } from './resources.ts';

interface SqsOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  metrics: Metrics;
  openJournal: OpenJournal;
  /** Receives a description of what is lost. */
  onLoss: (description: string) => void;
}

/** Puts the metrics that SQS writes of a queue once a minute. */
const putQueueMetrics = (metrics: Metrics, queue: Queue, now: number): void => {
  const put = (name: string, value: number) =>
    metrics.put({ namespace: 'AWS/SQS', name, dimensions: { QueueName: queue.name } }, value);
  const [oldest] = queue.all();
  put('ApproximateNumberOfMessagesVisible', queue.visible().length);
  put('ApproximateAgeOfOldestMessage', oldest ? Math.floor((now - oldest.sentAt) / 1_000) : 0);
};

/** Standard queues. What a queue holds survives a restart, and is visible after it. */
export const createSqs = ({ place, clock, iam, metrics, openJournal, onLoss }: SqsOptions) => {
  const journaled = new JournaledQueues({ openJournal, onLoss });
  const { queues } = journaled;

  return {
    /** Throws `AwsError` when the sender may not send, or when the queue does not exist. */
    send: (principal: Principal, queueArn: string, body: string, context: Record<string, string> = {}): void => {
      iam.authorize({ principal, action: 'sqs:SendMessage', resource: queueArn, context });
      journaled.add(journaled.find(queueArn), { id: randomUUID(), sentAt: clock.now(), body, receives: 0 });
    },

    /** Receives messages, which stay invisible for the queue's visibility timeout. Throws `AwsError`. */
    receive: (principal: Principal, queueArn: string, max: number): ReceivedMessage[] => {
      iam.authorize({ principal, action: 'sqs:ReceiveMessage', resource: queueArn });
      return journaled.receive(journaled.find(queueArn), max);
    },

    /** Deletes messages by their receipts; an outdated receipt has no effect. Throws `AwsError`. */
    delete: (principal: Principal, queueArn: string, receipts: readonly string[]): void => {
      iam.authorize({ principal, action: 'sqs:DeleteMessage', resource: queueArn });
      const queue = journaled.find(queueArn);
      const messages = receipts.flatMap((receipt) => queue.withReceipt(receipt) ?? []);
      journaled.remove(queue, messages);
    },

    /** Calls the listener whenever messages become visible; the returned function ends this. Throws `AwsError`. */
    listen: (principal: Principal, queueArn: string, listener: () => void): (() => void) => {
      iam.authorize({ principal, action: 'sqs:GetQueueAttributes', resource: queueArn });
      return journaled.find(queueArn).listen(listener);
    },

    /** Deletes the messages of a queue. Throws `AwsError` when the principal may not, or when there is no queue. */
    purge: (principal: Principal, queueUrl: string): void => {
      const arn = arnOf(place, 'sqs', queueUrl.split('/').at(-1) ?? '');
      iam.authorize({ principal, action: 'sqs:PurgeQueue', resource: arn });
      const queue = journaled.find(arn);
      journaled.remove(queue, queue.all());
    },

    /** The messages in each queue, by its name, also those that somebody has received. */
    report: (): Record<string, Message[]> =>
      Object.fromEntries(
        [...queues.values()].map((queue) => {
          journaled.removeExpired(queue);
          return [queue.name, queue.all().map(({ id, sentAt, body, receives }) => ({ id, sentAt, body, receives }))];
        }),
      ),

    /** Gives each queue the messages that were in it before a restart. */
    resume: (): void => journaled.resume(),

    /** Writes the metrics of each queue once a minute; the returned function ends this. */
    start: (): (() => void) =>
      repeatAligned(clock, MINUTE_MS, 0, () => {
        for (const queue of queues.values()) {
          journaled.removeExpired(queue);
          putQueueMetrics(metrics, queue, clock.now());
        }
      }),

    handlers: sqsResources({ place, clock, iam, queues }),
  };
};

export type Sqs = ReturnType<typeof createSqs>;
