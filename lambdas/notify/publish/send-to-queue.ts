import type { SendMessageCommandInput, SQSClient, SQSClientConfig } from '@aws-sdk/client-sqs';

/** Sends a message to a queue. Rejects when SQS does not take it. */
export type SendToQueue = (input: SendMessageCommandInput) => Promise<unknown>;

/** SQS's client is loaded by the first message: a deployment without channels never waits for it. */
export const createSendToQueue = (options: SQSClientConfig): SendToQueue => {
  let client: SQSClient | undefined;
  return async (input) => {
    const sqs = await import('@aws-sdk/client-sqs');
    client ??= new sqs.SQSClient(options);
    return client.send(new sqs.SendMessageCommand(input));
  };
};
