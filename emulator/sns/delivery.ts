import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Journal, OpenJournal } from '../journal.ts';
import type { Sqs } from '../sqs/sqs.ts';
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
  protocol: 'email' | 'https' | 'http' | 'sqs';
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
  openJournal: OpenJournal;
  /** Receives a description of each notification that is lost. */
  onLoss: (description: string) => void;
}

/** A message on its way to one subscriber. */
const pendingSchema = z.object({
  topic: z.string(),
  protocol: z.string(),
  endpoint: z.string(),
  message: z.object({
    subject: z.string(),
    message: z.string(),
    attributes: z.record(z.string(), z.object({ Type: z.string(), Value: z.string() })).optional(),
  }),
  messageId: z.string(),
  publishedAt: z.number(),
  /** How many attempts have failed. */
  retries: z.number(),
  /** When the next attempt is due. */
  dueAt: z.number(),
});
type Pending = z.infer<typeof pendingSchema>;

type WebhookMessageType = 'SubscriptionConfirmation' | 'Notification';

/** The status that stands for a webhook that did not answer. */
const NO_ANSWER = 0;
/** The status that stands for a queue that SNS may not send to. SNS does not try again. */
const QUEUE_REFUSED = 403;

const buildEnvelope = (
  type: WebhookMessageType,
  { topic, messageId, publishedAt }: Pick<Pending, 'topic' | 'messageId' | 'publishedAt'>,
  fields: Record<string, unknown>,
) =>
  JSON.stringify({
    Type: type,
    MessageId: messageId,
    TopicArn: topic,
    Timestamp: new Date(publishedAt).toISOString(),
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
    const identity = { topic, messageId: randomUUID(), publishedAt: clock.now() };
    const body = buildEnvelope('SubscriptionConfirmation', identity, {
      Token: token,
      Message: `You have chosen to subscribe to the topic ${topic}. To confirm, visit the SubscribeURL.`,
      SubscribeURL: url.href,
    });
    const headers = headersFor(subscription, 'SubscriptionConfirmation');
    await post(subscription.endpoint, headers, body).catch(() => NO_ANSWER);
  };

const bodyFor = ({ isRaw }: Subscription, pending: Pending): string => {
  const { subject, message, attributes } = pending.message;
  if (isRaw) return message;
  return buildEnvelope('Notification', pending, {
    ...(subject && { Subject: subject }),
    Message: message,
    ...(attributes && { MessageAttributes: attributes }),
  });
};

const reasonOf = (protocol: string, status: number): string => {
  if (protocol === 'sqs') return 'the queue does not let the topic send';
  return status === NO_ANSWER ? 'the webhook did not answer' : `the webhook answered ${status}`;
};

/**
 * Delivers messages to subscribers, with retries, and sends those that cannot be delivered to a dead-letter queue.
 * Until one of both is done, a message to a webhook survives a restart.
 */
export class Deliveries {
  private readonly options: Omit<DeliveryOptions, 'endpoint'>;
  private readonly journal: Journal<Pending>;

  constructor(options: Omit<DeliveryOptions, 'endpoint'>) {
    this.options = options;
    this.journal = options.openJournal('sns-deliveries', pendingSchema);
  }

  /** Delivers a message that has just been published, with the same id to each subscriber. */
  deliver(topic: TopicIdentity, subscription: Subscription, published: Message, messageId: string): Promise<void> {
    const { protocol, endpoint } = subscription;
    const { byProtocol, ...rest } = published;
    const message = { ...rest, message: byProtocol?.[protocol] ?? published.message };
    const now = this.options.clock.now();
    const pending = {
      topic: topic.arn,
      protocol,
      endpoint,
      message,
      messageId,
      publishedAt: now,
      retries: 0,
      dueAt: now,
    };
    this.save(pending);
    return this.attempt(topic, subscription, pending);
  }

  /** Goes on with what was published before a restart. `find` looks for the subscription of an endpoint. */
  resume(find: (pending: Pending) => { topic: TopicIdentity; subscription: Subscription } | undefined): void {
    for (const pending of this.journal.left.values()) {
      const found = find(pending);
      if (found) this.attemptLater(found.topic, found.subscription, pending);
      else {
        this.finish(pending);
        this.options.onLoss(
          `a notification to ${pending.endpoint} is lost: it no longer subscribes to ${pending.topic}`,
        );
      }
    }
  }

  private async attempt(topic: TopicIdentity, subscription: Subscription, pending: Pending): Promise<void> {
    const { clock, count, onDelivery } = this.options;
    const { subject, message } = pending.message;
    const body = bodyFor(subscription, pending);
    const status = await this.send(subscription, body);
    const { protocol, endpoint, deadLetterQueue, retryDelaysMs } = subscription;
    const delivery = { topic: topic.name, protocol, endpoint, subject, message, at: clock.now() };
    if (isSuccess(status)) {
      this.finish(pending);
      count(topic, 'NumberOfNotificationsDelivered');
      return onDelivery({ ...delivery, outcome: 'delivered' });
    }
    // For webhooks `NumberOfNotificationsFailed` counts every failed attempt, also those that are retried
    // (documented under "Monitoring Amazon SNS topics using CloudWatch").
    count(topic, 'NumberOfNotificationsFailed');
    const why = reasonOf(protocol, status);
    const delay = isPermanentFailure(status) ? undefined : retryDelaysMs[pending.retries];
    if (delay !== undefined) {
      onDelivery({ ...delivery, outcome: 'failed', why });
      const next = { ...pending, retries: pending.retries + 1, dueAt: clock.now() + delay };
      this.save(next);
      return this.attemptLater(topic, subscription, next);
    }
    onDelivery({ ...delivery, outcome: 'given-up', why });
    if (deadLetterQueue) this.sendToDeadLetterQueue(topic, deadLetterQueue, body);
    this.finish(pending);
  }

  private attemptLater(topic: TopicIdentity, subscription: Subscription, pending: Pending): void {
    const { clock } = this.options;
    clock.after(Math.max(0, pending.dueAt - clock.now()), () => this.attempt(topic, subscription, pending));
  }

  /** E-mail is not sent: it counts as delivered. */
  private async send(subscription: Subscription, body: string): Promise<number> {
    if (subscription.protocol === 'email') return 200;
    if (subscription.protocol === 'sqs') return this.sendToQueue(subscription, body);
    const headers = headersFor(subscription, 'Notification');
    return this.options.post(subscription.endpoint, headers, body).catch(() => NO_ANSWER);
  }

  private sendToQueue({ endpoint, topic }: Subscription, body: string): number {
    try {
      this.options.sqs.send({ service: 'sns.amazonaws.com' }, endpoint, body, { 'aws:sourcearn': topic });
      return 200;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return QUEUE_REFUSED;
    }
  }

  private sendToDeadLetterQueue(topic: TopicIdentity, queueArn: string, body: string): void {
    const { sqs, count } = this.options;
    try {
      sqs.send({ service: 'sns.amazonaws.com' }, queueArn, body, { 'aws:sourcearn': topic.arn });
      count(topic, 'NumberOfNotificationsRedrivenToDlq');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      count(topic, 'NumberOfNotificationsFailedToRedriveToDlq');
    }
  }

  private save(pending: Pending): void {
    if (isWebhook(pending)) this.journal.put(journalIdOf(pending), pending);
  }

  private finish(pending: Pending): void {
    this.journal.remove([journalIdOf(pending)]);
  }
}

/** E-mail is not sent, and a queue has its own journal. */
const isWebhook = ({ protocol }: Pending): boolean => protocol === 'http' || protocol === 'https';

/** A message's id in the journal, where it is once for each subscriber. */
const journalIdOf = ({ messageId, protocol, endpoint }: Pending): string => `${messageId} ${protocol} ${endpoint}`;
