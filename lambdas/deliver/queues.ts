import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSClient, SQSClientConfig } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { DeliveredChannel } from '../contract/channels.ts';
import { toReason } from '../contract/dead-letter-reason.ts';
import { SECOND_MS } from '../contract/durations.ts';

/** A message as Lambda hands it over. */
export type QueuedRecord = Pick<SQSRecord, 'messageId' | 'receiptHandle' | 'body' | 'eventSourceARN'> & {
  readonly attributes: Partial<SQSRecord['attributes']>;
};

/** The queues of channels, as far as Lambda does not work them itself. SQS's client is loaded when it is first used. */
export class Queues {
  private readonly options: SQSClientConfig;
  private readonly logger: Pick<Logger, 'error'>;
  private client: SQSClient | undefined;

  constructor(options: SQSClientConfig, logger: Pick<Logger, 'error'>) {
    this.options = options;
    this.logger = logger;
  }

  private async load() {
    const sqs = await import('@aws-sdk/client-sqs');
    this.client ??= new sqs.SQSClient(this.options);
    return { sqs, client: this.client };
  }

  /** Hides a message and its group for so long from now. Rejects when SQS refuses it. */
  async hide({ queueUrl }: DeliveredChannel, { receiptHandle }: QueuedRecord, ms: number): Promise<void> {
    const { sqs, client } = await this.load();
    await client.send(
      new sqs.ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: Math.ceil(ms / SECOND_MS),
      }),
    );
  }

  /**
   * Puts a message among the dead letters that no further attempt would deliver, with the reason. Rejects when SQS does
   * not take it: then it must stay in its queue.
   */
  async putAside(channel: DeliveredChannel, record: QueuedRecord, reason: string): Promise<void> {
    const { messageId, body, attributes } = record;
    this.logger.error('A message was put among the dead letters', { channel: channel.name, messageId, reason });
    const { sqs, client } = await this.load();
    await client.send(
      new sqs.SendMessageCommand({
        QueueUrl: channel.deadLettersUrl,
        MessageBody: body,
        MessageGroupId: attributes.MessageGroupId ?? messageId,
        // One that comes back from the dead letters is put aside anew.
        MessageDeduplicationId: `${messageId}-${attributes.SentTimestamp ?? ''}`,
        MessageAttributes: { reason: { DataType: 'String', StringValue: toReason(reason) } },
      }),
    );
  }
}
