import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Principal } from '../iam/policy.ts';
import { arnOf, type Place } from '../place.ts';
import type { ReceivedMessage } from '../sqs/queue.ts';
import type { Sqs } from '../sqs/sqs.ts';
import { jsonResponse, operationOf, parseJsonBody, type ServiceApi } from './request.ts';

const ofQueue = { QueueUrl: z.string() };
const receipt = { ReceiptHandle: z.string() };
/** A parameter that is not listed (a delay, binary attributes, …) is refused. */
const inputs = {
  SendMessage: z.strictObject({
    ...ofQueue,
    MessageBody: z.string(),
    MessageGroupId: z.string().optional(),
    MessageDeduplicationId: z.string().optional(),
    MessageAttributes: z
      .record(z.string(), z.strictObject({ DataType: z.literal('String'), StringValue: z.string() }))
      .default({}),
  }),
  ReceiveMessage: z.object({ ...ofQueue, MaxNumberOfMessages: z.int().min(1).max(10).default(1) }),
  DeleteMessage: z.strictObject({ ...ofQueue, ...receipt }),
  ChangeMessageVisibility: z.strictObject({ ...ofQueue, ...receipt, VisibilityTimeout: z.int() }),
  StartMessageMoveTask: z.strictObject({ SourceArn: z.string(), DestinationArn: z.string().optional() }),
  PurgeQueue: z.object(ofQueue),
};

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

const toAttributes = ({ receives, sentAt, fifo }: ReceivedMessage) => ({
  ApproximateReceiveCount: String(receives),
  SentTimestamp: String(sentAt),
  ...(fifo && { MessageGroupId: fifo.group, MessageDeduplicationId: fifo.deduplication }),
});

const toMessage = (message: ReceivedMessage) => ({
  MessageId: message.id,
  ReceiptHandle: message.receipt,
  Body: message.body,
  MD5OfBody: md5(message.body),
  Attributes: toAttributes(message),
  MessageAttributes: Object.fromEntries(
    Object.entries(message.attributes ?? {}).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  ),
});

/** The operations that are answered, each with a parsed input. */
const operationsOf = (sqs: Sqs, place: Place) => {
  const arnOfUrl = (url: string): string => arnOf(place, 'sqs', url.split('/').at(-1) ?? '');
  return {
    SendMessage: (principal: Principal, body: unknown) => {
      const input = inputs.SendMessage.parse(body);
      const attributes = Object.entries(input.MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]);
      const id = sqs.send(
        principal,
        arnOfUrl(input.QueueUrl),
        input.MessageBody,
        {},
        {
          group: input.MessageGroupId,
          deduplication: input.MessageDeduplicationId,
          ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
        },
      );
      return { MessageId: id, MD5OfMessageBody: md5(input.MessageBody) };
    },
    ReceiveMessage: (principal: Principal, body: unknown) => {
      const { QueueUrl, MaxNumberOfMessages } = inputs.ReceiveMessage.parse(body);
      const messages = sqs.receive(principal, arnOfUrl(QueueUrl), MaxNumberOfMessages);
      return messages.length > 0 ? { Messages: messages.map(toMessage) } : {};
    },
    DeleteMessage: (principal: Principal, body: unknown) => {
      const { QueueUrl, ReceiptHandle } = inputs.DeleteMessage.parse(body);
      sqs.delete(principal, arnOfUrl(QueueUrl), [ReceiptHandle]);
      return {};
    },
    ChangeMessageVisibility: (principal: Principal, body: unknown) => {
      const { QueueUrl, ReceiptHandle, VisibilityTimeout } = inputs.ChangeMessageVisibility.parse(body);
      sqs.changeVisibility(principal, arnOfUrl(QueueUrl), ReceiptHandle, VisibilityTimeout);
      return {};
    },
    StartMessageMoveTask: (principal: Principal, body: unknown) => {
      const { SourceArn, DestinationArn } = inputs.StartMessageMoveTask.parse(body);
      sqs.moveMessages(principal, SourceArn, DestinationArn);
      return { TaskHandle: SourceArn };
    },
    PurgeQueue: (principal: Principal, body: unknown) => {
      sqs.purge(principal, inputs.PurgeQueue.parse(body).QueueUrl);
      return {};
    },
  } satisfies Record<keyof typeof inputs, (principal: Principal, body: unknown) => object>;
};

/** The operations on messages. */
export const createSqsApi = (sqs: Sqs, place: Place): ServiceApi => {
  const operations: Readonly<Record<string, (principal: Principal, body: unknown) => object>> = operationsOf(
    sqs,
    place,
  );
  return (request, principal) => {
    const name = operationOf(request, 'AmazonSQS') ?? '';
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    return operation && jsonResponse(operation(principal, parseJsonBody(request)));
  };
};
