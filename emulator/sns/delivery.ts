import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Sqs } from '../sqs.ts';
import type { Filter, Message } from './subscription.ts';

/** One attempt to deliver a message to a subscriber. */
export interface Delivery {
  at: number;
  topic: string;
  protocol: string;
  endpoint: string;
  subject: string;
  message: string;
  outcome: 'delivered' | 'failed' | 'given-up';
  /** The reason, in words, when it was not delivered. */
  why?: string;
}

/** A subscriber of a topic. */
export interface Subscription {
  arn: string;
  protocol: 'email' | 'https' | 'http';
  endpoint: string;
  /** The topic's ARN. */
  topic: string;
  filter: Filter;
  /** The delay before each retry, in milliseconds. */
  retryDelaysMs: readonly number[];
  /** The subscriber receives the message alone, without the envelope. */
  isRaw: boolean;
  /** The ARN of the queue for messages that could not be delivered. */
  deadLetterQueue: string | undefined;
  confirmed: boolean;
  /** The token that confirms the subscription. */
  token: string;
}

export interface TopicIdentity {
  arn: string;
  name: string;
}

export interface DeliveryOptions {
  clock: Clock;
  sqs: Sqs;
  /** Posts to a webhook, and resolves with the status. */
  post: (url: string, headers: Record<string, string>, body: string) => Promise<number>;
  /** The URL at which subscribers confirm. */
  endpoint: () => string;
  /** Adds one to a metric of the topic. */
  count: (topic: TopicIdentity, metric: string) => void;
  onDelivery: (delivery: Delivery) => void;
}

type WebhookMessageType = 'SubscriptionConfirmation' | 'Notification';

/** The status that stands for a webhook that did not answer. */
const NO_ANSWER = 0;

const buildEnvelope = (type: WebhookMessageType, topicArn: string, at: number, fields: Record<string, unknown>) =>
  JSON.stringify({
    Type: type,
    MessageId: randomUUID(),
    TopicArn: topicArn,
    Timestamp: new Date(at).toISOString(),
    SignatureVersion: '1',
    ...fields,
  });

const headersFor = ({ arn, topic, isRaw }: Subscription, type: WebhookMessageType): Record<string, string> => ({
  'content-type': 'text/plain; charset=UTF-8',
  'x-amz-sns-message-type': type,
  'x-amz-sns-topic-arn': topic,
  ...(type === 'Notification' && { 'x-amz-sns-subscription-arn': arn }),
  ...(type === 'Notification' && isRaw && { 'x-amz-sns-rawdelivery': 'true' }),
});

const isSuccess = (status: number): boolean => status >= 200 && status < 300;
/** A webhook that rejects a message is not sent it again; 429 asks for a later attempt. */
const isPermanentFailure = (status: number): boolean => status >= 400 && status < 500 && status !== 429;

/** Asks webhooks to confirm their subscriptions. */
export const createConfirmation =
  ({ clock, post, endpoint }: Pick<DeliveryOptions, 'clock' | 'post' | 'endpoint'>) =>
  async (subscription: Subscription): Promise<void> => {
    const { topic, token } = subscription;
    const url = new URL(endpoint());
    url.search = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: topic, Token: token }).toString();
    const body = buildEnvelope('SubscriptionConfirmation', topic, clock.now(), {
      Token: token,
      Message: `You have chosen to subscribe to the topic ${topic}. To confirm, visit the SubscribeURL.`,
      SubscribeURL: url.href,
    });
    const headers = headersFor(subscription, 'SubscriptionConfirmation');
    await post(subscription.endpoint, headers, body).catch(() => NO_ANSWER);
  };

/** Delivers messages to subscribers, with retries, and sends those that cannot be delivered to a dead-letter queue. */
export const createDelivery = ({ clock, sqs, post, count, onDelivery }: Omit<DeliveryOptions, 'endpoint'>) => {
  const bodyFor = ({ isRaw, topic }: Subscription, { subject, message, attributes }: Message): string => {
    if (isRaw) return message;
    const fields = { Subject: subject, Message: message, ...(attributes && { MessageAttributes: attributes }) };
    return buildEnvelope('Notification', topic, clock.now(), fields);
  };

  /** E-mail is not sent: it counts as delivered. */
  const send = async (subscription: Subscription, body: string): Promise<number> => {
    if (subscription.protocol === 'email') return 200;
    return post(subscription.endpoint, headersFor(subscription, 'Notification'), body).catch(() => NO_ANSWER);
  };

  const sendToDeadLetterQueue = (topic: TopicIdentity, queueArn: string, body: string): void => {
    try {
      sqs.send({ service: 'sns.amazonaws.com' }, queueArn, body, { 'aws:sourcearn': topic.arn });
      count(topic, 'NumberOfNotificationsRedrivenToDlq');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      count(topic, 'NumberOfNotificationsFailedToRedriveToDlq');
    }
  };

  const deliver = async (
    topic: TopicIdentity,
    subscription: Subscription,
    message: Message,
    retries = 0,
  ): Promise<void> => {
    const { protocol, endpoint, deadLetterQueue } = subscription;
    const body = bodyFor(subscription, message);
    const status = await send(subscription, body);
    const attempt = {
      topic: topic.name,
      protocol,
      endpoint,
      subject: message.subject,
      message: message.message,
      at: clock.now(),
    };
    if (isSuccess(status)) {
      count(topic, 'NumberOfNotificationsDelivered');
      return onDelivery({ ...attempt, outcome: 'delivered' });
    }
    // For webhooks `NumberOfNotificationsFailed` counts every failed attempt, also those that are retried
    // (documented under "Monitoring Amazon SNS topics using CloudWatch").
    count(topic, 'NumberOfNotificationsFailed');
    const why = status === NO_ANSWER ? 'the webhook did not answer' : `the webhook answered ${status}`;
    const delay = isPermanentFailure(status) ? undefined : subscription.retryDelaysMs[retries];
    if (delay !== undefined) {
      onDelivery({ ...attempt, outcome: 'failed', why });
      clock.after(delay, () => deliver(topic, subscription, message, retries + 1));
      return;
    }
    onDelivery({ ...attempt, outcome: 'given-up', why });
    if (deadLetterQueue) sendToDeadLetterQueue(topic, deadLetterQueue, body);
  };

  return deliver;
};
