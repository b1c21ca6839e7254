import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import { nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Iam } from '../iam/iam.ts';
import { type Principal, policyDocument } from '../iam/policy.ts';
import type { Kms } from '../kms.ts';
import { arnOf, type Place } from '../place.ts';
import type { Sqs } from '../sqs.ts';
import { createDelivery, type Delivery, type Subscription, type TopicIdentity } from './delivery.ts';
import { retryDelaysOf } from './retry.ts';
import { filterOf, type Message, subscriptionProperties } from './subscription.ts';

interface Topic extends TopicIdentity {
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

/** Topics and who is told. E-mail is kept for a person to read, and counts as confirmed; a webhook must confirm itself. */
export const createSns = (options: SnsOptions) => {
  const { place, clock, iam, kms, metrics, sqs, post, endpoint, onDelivery } = options;
  const topics = new Map<string, Topic>();

  const topicOf = (arn: string): Topic => {
    const topic = topics.get(arn);
    if (!topic) throw new AwsError('NotFound', `There is no topic ${arn}`, 404);
    return topic;
  };

  const count = ({ name }: TopicIdentity, metric: string): void =>
    metrics.put({ namespace: 'AWS/SNS', name: metric, dimensions: { TopicName: name } }, 1);

  const { askToConfirm, deliver } = createDelivery({ clock, sqs, post, endpoint, count, onDelivery });

  const authorize = (principal: Principal, topic: Topic, context: Record<string, string>) => {
    iam.authorize({ principal, action: 'sns:Publish', resource: topic.arn, context });
    if (topic.key) kms.authorize(principal, ['kms:GenerateDataKey', 'kms:Decrypt'], topic.key, context);
  };

  return {
    /** Throws `AwsError` when the topic's policy, or its key's, does not let the principal publish. */
    authorize: (principal: Principal, topicArn: string, context: Record<string, string>): void =>
      authorize(principal, topicOf(topicArn), context),

    /** Tells every confirmed subscriber whose filter takes the message. Throws `AwsError` when the topic's policy, or its key's, does not let the principal. */
    publish: (
      principal: Principal,
      topicArn: string,
      message: Message,
      context: Record<string, string>,
    ): Promise<void> => {
      const topic = topicOf(topicArn);
      authorize(principal, topic, context);
      count(topic, 'NumberOfMessagesPublished');
      const told = topic.subscriptions.filter(({ isConfirmed: confirmed, filter }) => {
        const why = confirmed ? filter(message) : undefined;
        if (why) for (const end of ['', `-${why}`]) count(topic, `NumberOfNotificationsFilteredOut${end}`);
        return confirmed && !why;
      });
      return Promise.all(told.map((one) => deliver(topic, one, message))).then(() => {});
    },

    /** What opening a SubscribeURL does. */
    confirm: (token: string): void => {
      for (const { subscriptions } of topics.values()) {
        for (const one of subscriptions) if (one.token === token) one.isConfirmed = true;
      }
    },

    /** Who subscribes to a topic, for who may know. Throws `AwsError`. */
    subscriptionsOf: (principal: Principal, topicArn: string): readonly Subscription[] => {
      iam.authorize({ principal, action: 'sns:ListSubscriptionsByTopic', resource: topicArn });
      return topicOf(topicArn).subscriptions;
    },

    report: (): { topic: string; protocol: string; endpoint: string; confirmed: boolean }[] =>
      [...topics.values()].flatMap(({ name, subscriptions }) =>
        subscriptions.map(({ protocol, endpoint: to, isConfirmed: confirmed }) => ({
          topic: name,
          protocol,
          endpoint: to,
          confirmed,
        })),
      ),

    rules: {
      'AWS::SNS::Topic': resourceHandler(topicProperties, ({ TopicName, KmsMasterKeyId }, declared) => {
        const name = TopicName ?? nameOf(declared);
        const arn = arnOf(place, 'sns', name);
        topics.set(arn, { arn, name, key: KmsMasterKeyId, subscriptions: [] });
        // What a topic has until somebody writes it a policy: its account may use it, and services acting for it.
        iam.addResourcePolicy(arn, [defaultStatement(arn, place.account)]);
        return { ref: arn, attributes: { TopicName: name, TopicArn: arn } };
      }),
      'AWS::SNS::TopicPolicy': resourceHandler(topicPolicyProperties, ({ Topics, PolicyDocument }, { logicalId }) => {
        for (const arn of Topics) iam.setResourcePolicy(arn, PolicyDocument.Statement);
        return { ref: logicalId };
      }),
      'AWS::SNS::Subscription': resourceHandler(subscriptionProperties, async (properties) => {
        const { TopicArn, Protocol, Endpoint, RedrivePolicy } = properties;
        const subscription: Subscription = {
          arn: `${TopicArn}:${randomUUID()}`,
          protocol: Protocol,
          endpoint: Endpoint,
          topic: TopicArn,
          filter: filterOf(properties),
          retryDelaysMs: retryDelaysOf(properties.DeliveryPolicy),
          isRaw: properties.RawMessageDelivery,
          deadLetterQueue: RedrivePolicy?.deadLetterTargetArn,
          isConfirmed: Protocol === 'email',
          token: randomUUID(),
        };
        topicOf(TopicArn).subscriptions.push(subscription);
        if (Protocol !== 'email') await askToConfirm(subscription);
        return { ref: subscription.arn, attributes: { Arn: subscription.arn } };
      }),
    } satisfies Record<string, ResourceHandler>,
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

const topicProperties = z.strictObject({
  TopicName: z.string().optional(),
  DisplayName: z.string().optional(),
  KmsMasterKeyId: z.string().optional(),
  FifoTopic: z.literal(false, 'topics that keep an order are not known here').optional(),
  Tags: z.unknown().optional(),
});
const topicPolicyProperties = z.object({ Topics: z.array(z.string()), PolicyDocument: policyDocument });
