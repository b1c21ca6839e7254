import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from './aws-error.ts';
import { type Clock, DAY_MS, MINUTE_MS, repeatAligned } from './clock.ts';
import { nameOf, type ResourceHandler, resourceHandler } from './cloudformation/resource-handler.ts';
import type { Metrics } from './cloudwatch/metrics.ts';
import type { Iam } from './iam/iam.ts';
import { type Principal, policyDocument } from './iam/policy.ts';
import type { OpenJournal } from './journal.ts';
import { arnOf, type Place } from './place.ts';

export interface Message {
  id: string;
  sentAt: number;
  body: string;
}

interface SqsOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  metrics: Metrics;
  openJournal: OpenJournal;
  /** Receives a description of what is lost. */
  onLoss: (description: string) => void;
}

interface Queue {
  name: string;
  messages: Message[];
  retentionMs: number;
}

const messageSchema = z.object({ queue: z.string(), sentAt: z.number(), body: z.string() });

/** Properties for receivers have no effect, because nothing receives here. A property that is not listed is refused. */
const queueProperties = z.strictObject({
  QueueName: z.string().optional(),
  /** In seconds. */
  MessageRetentionPeriod: z.number().default((4 * DAY_MS) / 1_000),
  VisibilityTimeout: z.number().optional(),
  SqsManagedSseEnabled: z.boolean().optional(),
  FifoQueue: z.literal(false, 'the emulator does not support FIFO queues').optional(),
  Tags: z.unknown().optional(),
});
const queuePolicyProperties = z.object({ Queues: z.array(z.string()), PolicyDocument: policyDocument });

/** Queues as dead-letter queues: messages can be sent, looked at and purged, and not received. */
export const createSqs = ({ place, clock, iam, metrics, openJournal, onLoss }: SqsOptions) => {
  const queues = new Map<string, Queue>();
  const journal = openJournal('sqs-messages', messageSchema);

  const findQueue = (queueArn: string): Queue => {
    const queue = queues.get(queueArn);
    if (queue) return queue;
    throw new AwsError('AWS.SimpleQueueService.NonExistentQueue', `There is no queue ${queueArn}`);
  };

  const removeMessages = (queue: Queue, isGone: (message: Message) => boolean): void => {
    const gone = queue.messages.filter(isGone);
    queue.messages = queue.messages.filter((message) => !isGone(message));
    journal.remove(gone.map(({ id }) => id));
  };

  /** The messages that have not expired. */
  const messagesOf = (queue: Queue): Message[] => {
    removeMessages(queue, ({ sentAt }) => clock.now() - sentAt >= queue.retentionMs);
    return queue.messages;
  };

  return {
    /** Throws `AwsError` when the sender may not send, or when the queue does not exist. */
    send: (principal: Principal, queueArn: string, body: string, context: Record<string, string> = {}): void => {
      iam.authorize({ principal, action: 'sqs:SendMessage', resource: queueArn, context });
      const queue = findQueue(queueArn);
      const message = { id: randomUUID(), sentAt: clock.now(), body };
      journal.put(message.id, { queue: queue.name, sentAt: message.sentAt, body });
      queue.messages.push(message);
    },

    /** Deletes the messages of a queue. Throws `AwsError` when the principal may not, or when there is no queue. */
    purge: (principal: Principal, queueUrl: string): void => {
      const arn = arnOf(place, 'sqs', queueUrl.split('/').at(-1) ?? '');
      iam.authorize({ principal, action: 'sqs:PurgeQueue', resource: arn });
      removeMessages(findQueue(arn), () => true);
    },

    /** The messages in each queue, by its name. */
    report: (): Record<string, Message[]> =>
      Object.fromEntries([...queues.values()].map((queue) => [queue.name, messagesOf(queue)])),

    /** Gives each queue the messages that were in it before a restart. */
    resume: (): void => {
      const byName = new Map([...queues.values()].map((queue) => [queue.name, queue]));
      for (const [id, { queue: name, ...message }] of journal.left) {
        const queue = byName.get(name);
        if (queue) queue.messages.push({ id, ...message });
        else {
          journal.remove([id]);
          onLoss(`a message is lost: the queue ${name} no longer exists`);
        }
      }
    },

    /** Publishes the number of messages in each queue once a minute; the returned function ends this. */
    start: (): (() => void) =>
      repeatAligned(clock, MINUTE_MS, 0, () => {
        for (const queue of queues.values()) {
          metrics.put(
            { namespace: 'AWS/SQS', name: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName: queue.name } },
            messagesOf(queue).length,
          );
        }
      }),

    handlers: {
      'AWS::SQS::Queue': resourceHandler(queueProperties, ({ QueueName, MessageRetentionPeriod }, declared) => {
        const name = QueueName ?? nameOf(declared);
        const arn = arnOf(place, 'sqs', name);
        queues.set(arn, { name, messages: [], retentionMs: MessageRetentionPeriod * 1_000 });
        const url = `https://sqs.${place.region}.amazonaws.com/${place.account}/${name}`;
        return { ref: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
      }),
      'AWS::SQS::QueuePolicy': resourceHandler(queuePolicyProperties, ({ Queues, PolicyDocument }) => {
        for (const url of Queues) {
          iam.addResourcePolicy(arnOf(place, 'sqs', url.split('/').at(-1) ?? ''), PolicyDocument.Statement);
        }
        return { ref: Queues.join() };
      }),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type Sqs = ReturnType<typeof createSqs>;
