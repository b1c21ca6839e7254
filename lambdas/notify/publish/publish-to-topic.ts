import type { PublishCommandInput, SNSClient, SNSClientConfig } from '@aws-sdk/client-sns';

/** Publishes to a topic. Rejects when SNS does not take it. */
export type PublishToTopic = (input: PublishCommandInput) => Promise<unknown>;

/** SNS's client is loaded by the first message: a start waits for nothing that it does not need. */
export const createPublishToTopic = (options: SNSClientConfig): PublishToTopic => {
  let client: SNSClient | undefined;
  return async (input) => {
    const sns = await import('@aws-sdk/client-sns');
    client ??= new sns.SNSClient(options);
    return client.send(new sns.PublishCommand(input));
  };
};
