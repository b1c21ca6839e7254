import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Sqs } from '../sqs.ts';
import type { Filter, Message } from './subscription.ts';

/** One attempt to tell somebody. */
export interface Delivery {
  at: number;
  topic: string;
  protocol: string;
  endpoint: string;
  subject: string;
  message: string;
  outcome: 'delivered' | 'failed' | 'given-up';
  /** In words, when it was not delivered. */
  why?: string;
}

/** Somebody who wants to be told. */
export interface Subscription {
  arn: string;
  protocol: 'email' | 'https' | 'http';
  endpoint: string;
  topic: string;
  /** Says why a message is not for it. */
  filter: Filter;
  /** Before each time it is tried again, in milliseconds. */
  retryDelaysMs: readonly number[];
  /** It is sent the message alone, without the envelope. */
  isRaw: boolean;
  deadLetterQueue: string | undefined;
  isConfirmed: boolean;
  token: string;
}

export interface TopicIdentity {
  arn: string;
  name: string;
}

interface DeliveryOptions {
  clock: Clock;
  sqs: Sqs;
  /** Posts to a subscriber and gives the status. */
  post: (url: string, headers: Record<string, string>, body: string) => Promise<number>;
  /** Where subscribers confirm. */
  endpoint: () => string;
  /** Counts one in a metric of the topic. */
  count: (topic: TopicIdentity, metric: string) => void;
  onDelivery: (delivery: Delivery) => void;
}

/** How subscribers are asked to confirm and are told, again if need be, and where goes what nobody took. */
export const createDelivery = ({ clock, sqs, post, endpoint, count, onDelivery }: DeliveryOptions) => {
  const envelope = (type: string, { topic }: Subscription, more: Record<string, unknown>) =>
    JSON.stringify({
      Type: type,
      MessageId: randomUUID(),
      TopicArn: topic,
      Timestamp: new Date(clock.now()).toISOString(),
      SignatureVersion: '1',
      ...more,
    });

  const send = (subscription: Subscription, type: string, body: string): Promise<number> =>
    post(
      subscription.endpoint,
      {
        'content-type': 'text/plain; charset=UTF-8',
        'x-amz-sns-message-type': type,
        'x-amz-sns-topic-arn': subscription.topic,
        ...(type === 'Notification' && { 'x-amz-sns-subscription-arn': subscription.arn }),
        ...(type === 'Notification' && subscription.isRaw && { 'x-amz-sns-rawdelivery': 'true' }),
      },
      body,
    ).catch(() => 0);

  const askToConfirm = async (subscription: Subscription): Promise<void> => {
    const url = new URL(endpoint());
    url.search = new URLSearchParams({
      Action: 'ConfirmSubscription',
      TopicArn: subscription.topic,
      Token: subscription.token,
    }).toString();
    const body = envelope('SubscriptionConfirmation', subscription, {
      Token: subscription.token,
      Message: `You have chosen to subscribe to the topic ${subscription.topic}. To confirm, visit the SubscribeURL.`,
      SubscribeURL: url.href,
    });
    await send(subscription, 'SubscriptionConfirmation', body);
  };

  const deliver = async (
    topic: TopicIdentity,
    subscription: Subscription,
    notice: Message,
    tries = 0,
  ): Promise<void> => {
    const { subject, message } = notice;
    const told = {
      topic: topic.name,
      protocol: subscription.protocol,
      endpoint: subscription.endpoint,
      subject,
      message,
    };
    const enveloped = envelope('Notification', subscription, {
      Subject: subject,
      Message: message,
      ...(notice.attributes && { MessageAttributes: notice.attributes }),
    });
    const body = subscription.isRaw ? message : enveloped;
    const status = subscription.protocol === 'email' ? 200 : await send(subscription, 'Notification', body);
    const at = clock.now();
    if (status >= 200 && status < 300) {
      count(topic, 'NumberOfNotificationsDelivered');
      return onDelivery({ ...told, at, outcome: 'delivered' });
    }
    // Of webhooks every failed attempt is counted, those that are repeated too: documented of `NumberOfNotificationsFailed`.
    count(topic, 'NumberOfNotificationsFailed');
    const why = status === 0 ? 'nobody answers there' : `it answered ${status}`;
    const isForGood = status >= 400 && status < 500 && status !== 429;
    const pause = isForGood ? undefined : subscription.retryDelaysMs[tries];
    if (pause !== undefined) {
      onDelivery({ ...told, at, outcome: 'failed', why });
      clock.after(pause, () => deliver(topic, subscription, notice, tries + 1));
      return;
    }
    onDelivery({ ...told, at, outcome: 'given-up', why });
    if (!subscription.deadLetterQueue) return;
    try {
      sqs.send({ service: 'sns.amazonaws.com' }, subscription.deadLetterQueue, body, { 'aws:sourcearn': topic.arn });
      count(topic, 'NumberOfNotificationsRedrivenToDlq');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      count(topic, 'NumberOfNotificationsFailedToRedriveToDlq');
    }
  };

  return { askToConfirm, deliver };
};
