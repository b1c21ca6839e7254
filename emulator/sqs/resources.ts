import * as z from 'zod';
import { type Clock, DAY_MS } from '../clock.ts';
import { nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Iam } from '../iam/iam.ts';
import { policyDocument } from '../iam/policy.ts';
import { arnOf, type Place } from '../place.ts';
import { Queue } from './queue.ts';

/** A property that is not listed (delays, a customer's key, …) is refused. */
const queueProperties = z.strictObject({
  QueueName: z.string().optional(),
  /** In seconds. */
  MessageRetentionPeriod: z.number().default((4 * DAY_MS) / 1_000),
  /** In seconds. */
  VisibilityTimeout: z.number().default(30),
  RedrivePolicy: z
    .strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number().int().min(1).max(1_000) })
    .optional(),
  SqsManagedSseEnabled: z.boolean().optional(),
  FifoQueue: z.boolean().default(false),
  Tags: z.unknown().optional(),
});
const queuePolicyProperties = z.object({ Queues: z.array(z.string()), PolicyDocument: policyDocument });

/** What SQS refuses of a FIFO queue, or of its dead-letter queue. Throws. */
const checkFifo = (name: string, isFifo: boolean, deadLetters: Queue | undefined): void => {
  if (isFifo !== name.endsWith('.fifo')) {
    throw new Error(`The name of a FIFO queue ends with .fifo, and of no other: ${name}`);
  }
  if (deadLetters && deadLetters.isFifo !== isFifo) {
    throw new Error(`The dead-letter queue of ${name} must be ${isFifo ? 'a FIFO' : 'a standard'} queue as well`);
  }
};

interface SqsResourcesOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  /** By ARN. */
  queues: Map<string, Queue>;
}

/** How CloudFormation creates queues and their policies. */
export const sqsResources = ({ place, clock, iam, queues }: SqsResourcesOptions) =>
  ({
    'AWS::SQS::Queue': resourceHandler(queueProperties, (properties, declared) => {
      const { QueueName, MessageRetentionPeriod, VisibilityTimeout, RedrivePolicy, FifoQueue: isFifo } = properties;
      const name = QueueName ?? `${nameOf(declared)}${isFifo ? '.fifo' : ''}`;
      checkFifo(name, isFifo, RedrivePolicy && queues.get(RedrivePolicy.deadLetterTargetArn));
      const arn = arnOf(place, 'sqs', name);
      const redrive = RedrivePolicy && {
        target: RedrivePolicy.deadLetterTargetArn,
        maxReceives: RedrivePolicy.maxReceiveCount,
      };
      const retentionMs = MessageRetentionPeriod * 1_000;
      const visibilityMs = VisibilityTimeout * 1_000;
      queues.set(arn, new Queue({ name, arn, isFifo, retentionMs, visibilityMs, redrive, clock }));
      const url = `https://sqs.${place.region}.amazonaws.com/${place.account}/${name}`;
      return { ref: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
    }),
    'AWS::SQS::QueuePolicy': resourceHandler(queuePolicyProperties, ({ Queues, PolicyDocument }) => {
      for (const url of Queues) {
        iam.addResourcePolicy(arnOf(place, 'sqs', url.split('/').at(-1) ?? ''), PolicyDocument.Statement);
      }
      return { ref: Queues.join() };
    }),
  }) satisfies Record<string, ResourceHandler>;
