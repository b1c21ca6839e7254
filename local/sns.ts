import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from './aws-error.ts';
import type { Clock } from './clock.ts';
import { nameOf, type Rule, rule } from './deploy.ts';
import type { Iam } from './iam.ts';
import { type Principal, policyDocument } from './iam-policy.ts';
import type { Kms } from './kms.ts';
import type { Metrics } from './metrics.ts';
import { arnOf, type Place } from './place.ts';
import type { Sqs } from './sqs.ts';

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

interface Subscription {
  arn: string;
  protocol: 'email' | 'https' | 'http';
  endpoint: string;
  topic: string;
  deadLetters: string | undefined;
  confirmed: boolean;
  token: string;
}

interface Topic {
  arn: string;
  name: string;
  key: string | undefined;
  subscriptions: Subscription[];
}

export interface SnsOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  kms: Kms;
  metrics: Metrics;
  sqs: Sqs;
  /** Posts to a subscriber and gives the status. */
  post: (url: string, headers: Record<string, string>, body: string) => Promise<number>;
  /** Where subscribers confirm. */
  endpoint: () => string;
  onDelivery: (delivery: Delivery) => void;
}

/** SNS's policy for HTTPS unless a subscription has its own: three retries, twenty seconds apart. */
const RETRIES = 3;
const RETRY_MS = 20_000;

/** Topics and who is told. E-mail is kept for a person to read, and counts as confirmed; a webhook must confirm itself. */
export const createSns = (options: SnsOptions) => {
  const { place, clock, iam, kms, metrics, sqs, post, endpoint, onDelivery } = options;
  const topics = new Map<string, Topic>();

  const topicOf = (arn: string): Topic => {
    const topic = topics.get(arn);
    if (!topic) throw new AwsError('NotFound', `There is no topic ${arn}`, 404);
    return topic;
  };

  const count = ({ name }: Topic, metric: string) =>
    metrics.put({ namespace: 'AWS/SNS', name: metric, dimensions: { TopicName: name } }, 1);

  const envelope = (type: string, { topic }: Subscription, more: Record<string, string>) =>
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

  const deliver = async (topic: Topic, subscription: Subscription, subject: string, message: string, tries = 0) => {
    const told = {
      topic: topic.name,
      protocol: subscription.protocol,
      endpoint: subscription.endpoint,
      subject,
      message,
    };
    const body = envelope('Notification', subscription, { Subject: subject, Message: message });
    const status = subscription.protocol === 'email' ? 200 : await send(subscription, 'Notification', body);
    const at = clock.now();
    if (status >= 200 && status < 300) {
      count(topic, 'NumberOfNotificationsDelivered');
      return onDelivery({ ...told, at, outcome: 'delivered' });
    }
    const why = status === 0 ? 'nobody answers there' : `it answered ${status}`;
    const isForGood = status >= 400 && status < 500 && status !== 429;
    if (tries < RETRIES && !isForGood) {
      onDelivery({ ...told, at, outcome: 'failed', why });
      clock.after(RETRY_MS, () => deliver(topic, subscription, subject, message, tries + 1));
      return;
    }
    count(topic, 'NumberOfNotificationsFailed');
    onDelivery({ ...told, at, outcome: 'given-up', why });
    if (!subscription.deadLetters) return;
    try {
      sqs.send({ service: 'sns.amazonaws.com' }, subscription.deadLetters, body, { 'aws:sourcearn': topic.arn });
      count(topic, 'NumberOfNotificationsRedrivenToDlq');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      count(topic, 'NumberOfNotificationsFailedToRedriveToDlq');
    }
  };

  const authorize = (principal: Principal, topic: Topic, context: Record<string, string>) => {
    iam.authorize({ principal, action: 'sns:Publish', resource: topic.arn, context });
    if (topic.key) kms.authorize(principal, ['kms:GenerateDataKey', 'kms:Decrypt'], topic.key, context);
  };

  return {
    /** Throws `AwsError` when the topic's policy, or its key's, does not let the principal publish. */
    authorize: (principal: Principal, topicArn: string, context: Record<string, string>): void =>
      authorize(principal, topicOf(topicArn), context),

    /** Tells every confirmed subscriber. Throws `AwsError` when the topic's policy, or its key's, does not let the principal. */
    publish: (
      principal: Principal,
      topicArn: string,
      { subject, message }: { subject: string; message: string },
      context: Record<string, string>,
    ): Promise<void> => {
      const topic = topicOf(topicArn);
      authorize(principal, topic, context);
      count(topic, 'NumberOfMessagesPublished');
      const confirmed = topic.subscriptions.filter((one) => one.confirmed);
      return Promise.all(confirmed.map((one) => deliver(topic, one, subject, message))).then(() => {});
    },

    /** What opening a SubscribeURL does. */
    confirm: (token: string): void => {
      for (const { subscriptions } of topics.values()) {
        for (const one of subscriptions) if (one.token === token) one.confirmed = true;
      }
    },

    /** Who subscribes to a topic, for who may know. Throws `AwsError`. */
    subscriptionsOf: (principal: Principal, topicArn: string): readonly Subscription[] => {
      iam.authorize({ principal, action: 'sns:ListSubscriptionsByTopic', resource: topicArn });
      return topicOf(topicArn).subscriptions;
    },

    report: (): { topic: string; protocol: string; endpoint: string; confirmed: boolean }[] =>
      [...topics.values()].flatMap(({ name, subscriptions }) =>
        subscriptions.map(({ protocol, endpoint: to, confirmed }) => ({
          topic: name,
          protocol,
          endpoint: to,
          confirmed,
        })),
      ),

    rules: {
      'AWS::SNS::Topic': rule(topicProperties, ({ TopicName, KmsMasterKeyId }, declared) => {
        const name = TopicName ?? nameOf(declared);
        const arn = arnOf(place, 'sns', name);
        topics.set(arn, { arn, name, key: KmsMasterKeyId, subscriptions: [] });
        // What a topic has until somebody writes it a policy: its account may use it, and services acting for it.
        iam.addResourcePolicy(arn, [defaultStatement(arn, place.account)]);
        return { ref: arn, attributes: { TopicName: name, TopicArn: arn } };
      }),
      'AWS::SNS::TopicPolicy': rule(topicPolicyProperties, ({ Topics, PolicyDocument }, { logicalId }) => {
        for (const arn of Topics) iam.setResourcePolicy(arn, PolicyDocument.Statement);
        return { ref: logicalId };
      }),
      'AWS::SNS::Subscription': rule(subscriptionProperties, async (properties) => {
        const { TopicArn, Protocol, Endpoint, RedrivePolicy } = properties;
        const subscription: Subscription = {
          arn: `${TopicArn}:${randomUUID()}`,
          protocol: Protocol,
          endpoint: Endpoint,
          topic: TopicArn,
          deadLetters: RedrivePolicy?.deadLetterTargetArn,
          confirmed: Protocol === 'email',
          token: randomUUID(),
        };
        topicOf(TopicArn).subscriptions.push(subscription);
        if (Protocol !== 'email') await askToConfirm(subscription);
        return { ref: subscription.arn, attributes: { Arn: subscription.arn } };
      }),
    } satisfies Record<string, Rule>,
  };
};

export type Sns = ReturnType<typeof createSns>;

const defaultStatement = (arn: string, account: string) => ({
  Sid: '__default_statement_ID',
  Effect: 'Allow' as const,
  Action: ['sns:Publish', 'sns:Subscribe'],
  Resource: [arn],
  Principal: '*' as const,
  Condition: { StringEquals: { 'aws:SourceAccount': account } },
});

const topicProperties = z.object({ TopicName: z.string().optional(), KmsMasterKeyId: z.string().optional() });
const topicPolicyProperties = z.object({ Topics: z.array(z.string()), PolicyDocument: policyDocument });
const subscriptionProperties = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.enum(['email', 'https', 'http'], 'only e-mail and webhooks are known here'),
  Endpoint: z.string(),
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string() }).optional(),
});
