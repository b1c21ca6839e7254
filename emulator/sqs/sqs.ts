import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import { type Clock, HOUR_MS, MINUTE_MS, repeatAligned } from '../clock.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Iam } from '../iam/iam.ts';
import type { Principal } from '../iam/policy.ts';
import type { OpenJournal } from '../journal.ts';
import { arnOf, type Place } from '../place.ts';
import { JournaledQueues } from './journaled-queues.ts';
import type { Message, Queue, QueuedMessage, ReceivedMessage } from './queue.ts';
import { sqsResources } from './resources.ts';
import { checkMessage, type SendOptions } from './send-request.ts';

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

/** For how long a FIFO queue knows a message again that is sent twice. */
const DEDUPLICATION_MS = 5 * MINUTE_MS;
/** How long a message may be invisible after it was received. */
const MAX_INVISIBLE_MS = 12 * HOUR_MS;

/** The ids of messages that a FIFO queue was sent lately, by what it deduplicates them by. */
const createDeduplication = (clock: Clock) => {
  const known = new Map<string, { id: string; until: number }>();
  return {
    /** The id of the message that was sent before, or else the new one. */
    idOf: (queue: Queue, deduplication: string, id: string): string => {
      const now = clock.now();
      for (const [key, { until }] of known) if (until <= now) known.delete(key);
      const key = `${queue.arn} ${deduplication}`;
      const first = known.get(key) ?? { id, until: now + DEDUPLICATION_MS };
      known.set(key, first);
      return first.id;
    },
  };
};

/** The message of a receipt, which must still be worked on. Throws `AwsError`. */
const findInFlight = (queue: Queue, receipt: string): QueuedMessage => {
  const message = queue.withReceipt(receipt);
  if (!message) throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
  if (!queue.isInFlight(message)) throw new AwsError('MessageNotInflight', 'The message is not in flight.');
  return message;
};

interface WorkOptions extends Pick<SqsOptions, 'clock' | 'iam'> {
  journaled: JournaledQueues;
}

/** What whoever works on the messages of a queue does with them. */
const createWork = ({ clock, iam, journaled }: WorkOptions) => ({
  /** Receives messages, which stay invisible for the queue's visibility timeout. Throws `AwsError`. */
  receive: (principal: Principal, queueArn: string, max: number): ReceivedMessage[] => {
    iam.authorize({ principal, action: 'sqs:ReceiveMessage', resource: queueArn });
    return journaled.receive(journaled.find(queueArn), max);
  },

  /** Lets a message become visible so many seconds from now. Throws `AwsError`. */
  changeVisibility: (principal: Principal, queueArn: string, receipt: string, seconds: number): void => {
    iam.authorize({ principal, action: 'sqs:ChangeMessageVisibility', resource: queueArn });
    const queue = journaled.find(queueArn);
    const { id, receivedAt } = findInFlight(queue, receipt);
    const ms = seconds * 1_000;
    if (ms < 0 || clock.now() + ms - receivedAt > MAX_INVISIBLE_MS) {
      const limit = MAX_INVISIBLE_MS / 1_000;
      throw new AwsError('InvalidParameterValue', `Total VisibilityTimeout is beyond the limit [${limit} seconds]`);
    }
    queue.setInvisible(id, ms);
  },

  /**
   * Deletes messages by their receipts. An outdated receipt has no effect, but with a FIFO queue it is refused. Throws
   * `AwsError`.
   */
  delete: (principal: Principal, queueArn: string, receipts: readonly string[]): void => {
    iam.authorize({ principal, action: 'sqs:DeleteMessage', resource: queueArn });
    const queue = journaled.find(queueArn);
    if (queue.isFifo) for (const receipt of receipts) findInFlight(queue, receipt);
    const messages = receipts.flatMap((receipt) => queue.withReceipt(receipt) ?? []);
    journaled.remove(queue, messages);
  },

  /**
   * Moves the messages of a dead-letter queue to where they came from, as new ones; those that were sent to it directly
   * only to a queue that is named. Throws `AwsError`.
   */
  moveMessages: (principal: Principal, sourceArn: string, destinationArn: string | undefined): void => {
    for (const action of ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage']) {
      iam.authorize({ principal, action: `sqs:${action}`, resource: sourceArn });
    }
    const source = journaled.find(sourceArn);
    for (const message of [...source.visible()]) {
      const target = destinationArn ?? message.source;
      if (target === undefined) continue;
      iam.authorize({ principal, action: 'sqs:SendMessage', resource: target });
      journaled.remove(source, [message]);
      const { body, fifo, attributes } = message;
      const moved = { id: randomUUID(), sentAt: clock.now(), body, receives: 0, fifo, attributes };
      journaled.add(journaled.find(target), moved);
    }
  },
});

/**
 * Standard and FIFO queues. What a queue holds survives a restart, and is visible after it; of a message that has left
 * a FIFO queue, a restart makes it forget that it was sent.
 */
export const createSqs = ({ place, clock, iam, metrics, openJournal, onLoss }: SqsOptions) => {
  const journaled = new JournaledQueues({ clock, openJournal, onLoss });
  const { queues } = journaled;
  const deduplication = createDeduplication(clock);

  return {
    ...createWork({ clock, iam, journaled }),

    /**
     * Returns the message's id: of one that a FIFO queue was sent within the last five minutes, that of the first.
     * Throws `AwsError` when the sender may not send, or when the queue does not exist or does not take the message.
     */
    send: (
      principal: Principal,
      queueArn: string,
      body: string,
      context: Record<string, string> = {},
      options: SendOptions = {},
    ): string => {
      iam.authorize({ principal, action: 'sqs:SendMessage', resource: queueArn, context });
      const queue = journaled.find(queueArn);
      const fifo = checkMessage(queue, body, options);
      const id = randomUUID();
      const first = fifo ? deduplication.idOf(queue, fifo.deduplication, id) : id;
      const { attributes } = options;
      if (first === id) journaled.add(queue, { id, sentAt: clock.now(), body, receives: 0, fifo, attributes });
      return first;
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

    /** Deletes a queue with what it holds, by its name. */
    remove: (name: string): void => {
      const arn = arnOf(place, 'sqs', name);
      const queue = journaled.find(arn);
      journaled.remove(queue, queue.all());
      queues.delete(arn);
    },

    /** The messages in each queue, by its name, also those that somebody has received. */
    report: (): Record<string, Message[]> =>
      Object.fromEntries(
        [...queues.values()].map((queue) => {
          journaled.removeExpired(queue);
          const messages = queue.all().map(({ id, sentAt, body, receives, fifo, attributes }) => ({
            id,
            sentAt,
            body,
            receives,
            ...(fifo && { fifo }),
            ...(attributes && { attributes }),
          }));
          return [queue.name, messages];
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
