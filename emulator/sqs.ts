import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from './aws-error.ts';
import { type Clock, MINUTE_MS, repeatAligned } from './clock.ts';
import { nameOf, type ResourceHandler, resourceHandler } from './cloudformation/resource-handler.ts';
import type { Metrics } from './cloudwatch/metrics.ts';
import type { Iam } from './iam/iam.ts';
import { type Principal, policyDocument } from './iam/policy.ts';
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
}

/** Properties for receivers have no effect, because nothing receives here. A property that is not listed is refused. */
const queueProperties = z.strictObject({
  QueueName: z.string().optional(),
  MessageRetentionPeriod: z.number().optional(),
  VisibilityTimeout: z.number().optional(),
  SqsManagedSseEnabled: z.boolean().optional(),
  FifoQueue: z.literal(false, 'the emulator does not support FIFO queues').optional(),
  Tags: z.unknown().optional(),
});
const queuePolicyProperties = z.object({ Queues: z.array(z.string()), PolicyDocument: policyDocument });

/** Queues as dead-letter queues: messages can be sent and looked at, and not received. */
export const createSqs = ({ place, clock, iam, metrics }: SqsOptions) => {
  const queues = new Map<string, { name: string; messages: Message[] }>();

  return {
    /** Throws `AwsError` when the sender may not send, or when the queue does not exist. */
    send: (principal: Principal, queueArn: string, body: string, context: Record<string, string> = {}): void => {
      iam.authorize({ principal, action: 'sqs:SendMessage', resource: queueArn, context });
      const queue = queues.get(queueArn);
      if (!queue) throw new AwsError('AWS.SimpleQueueService.NonExistentQueue', `There is no queue ${queueArn}`);
      queue.messages.push({ id: randomUUID(), sentAt: clock.now(), body });
    },

    /** The messages in each queue, by its name. */
    report: (): Record<string, Message[]> =>
      Object.fromEntries([...queues.values()].map(({ name, messages }) => [name, messages])),

    /** Publishes the number of messages in each queue once a minute; the returned function ends this. */
    start: (): (() => void) =>
      repeatAligned(clock, MINUTE_MS, 0, () => {
        for (const { name, messages } of queues.values()) {
          metrics.put(
            { namespace: 'AWS/SQS', name: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName: name } },
            messages.length,
          );
        }
      }),

    handlers: {
      'AWS::SQS::Queue': resourceHandler(queueProperties, ({ QueueName }, declared) => {
        const name = QueueName ?? nameOf(declared);
        const arn = arnOf(place, 'sqs', name);
        queues.set(arn, { name, messages: [] });
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
