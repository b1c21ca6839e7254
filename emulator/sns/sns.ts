import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Iam } from '../iam/iam.ts';
import type { Principal } from '../iam/policy.ts';
import type { Kms } from '../kms.ts';
import type { Place } from '../place.ts';
import {
  createConfirmation,
  Deliveries,
  type DeliveryOptions,
  type Subscription,
  type TopicIdentity,
} from './delivery.ts';
import { snsResources, type Topic } from './resources.ts';
import type { Message } from './subscription.ts';

export interface SnsOptions extends Omit<DeliveryOptions, 'count'> {
  place: Place;
  iam: Iam;
  kms: Kms;
  metrics: Metrics;
}

/** A subscription, for people to look at. */
interface SubscriptionReport {
  topic: string;
  protocol: string;
  endpoint: string;
  confirmed: boolean;
}

/** Topics and their subscriptions. Subscriptions of e-mail and queues count as confirmed; webhooks must confirm. */
export const createSns = (options: SnsOptions) => {
  const { place, iam, kms, metrics } = options;
  const topics = new Map<string, Topic>();

  const findTopic = (arn: string): Topic => {
    const topic = topics.get(arn);
    if (!topic) throw new AwsError('NotFound', `There is no topic ${arn}`, 404);
    return topic;
  };

  const count = ({ name }: TopicIdentity, metric: string): void =>
    metrics.put({ namespace: 'AWS/SNS', name: metric, dimensions: { TopicName: name } }, 1);

  const requestConfirmation = createConfirmation(options);
  const deliveries = new Deliveries({ ...options, count });

  const authorize = (principal: Principal, topic: Topic, context: Record<string, string>) => {
    iam.authorize({ principal, action: 'sns:Publish', resource: topic.arn, context });
    if (topic.key) kms.authorize(principal, ['kms:GenerateDataKey', 'kms:Decrypt'], topic.key, context);
  };

  /** True when the subscription receives the message; otherwise the topic's metrics count the reason. */
  const receives = (topic: Topic, { confirmed, filter }: Subscription, message: Message): boolean => {
    if (!confirmed) return false;
    const reason = filter(message);
    if (reason === undefined) return true;
    count(topic, 'NumberOfNotificationsFilteredOut');
    count(topic, `NumberOfNotificationsFilteredOut-${reason}`);
    return false;
  };

  return {
    /** Throws `AwsError` when the topic's policy, or its key's policy, does not let the principal publish. */
    authorize: (principal: Principal, topicArn: string, context: Record<string, string>): void =>
      authorize(principal, findTopic(topicArn), context),

    /** Delivers the message to every confirmed subscription whose filter matches it. Throws like `authorize`. */
    publish: (
      principal: Principal,
      topicArn: string,
      message: Message,
      context: Record<string, string>,
    ): Promise<void> => {
      const topic = findTopic(topicArn);
      authorize(principal, topic, context);
      count(topic, 'NumberOfMessagesPublished');
      const receivers = topic.subscriptions.filter((subscription) => receives(topic, subscription, message));
      const id = randomUUID();
      return Promise.all(receivers.map((receiver) => deliveries.deliver(topic, receiver, message, id))).then(() => {});
    },

    /** Goes on with the deliveries that were not done before a restart. */
    resume: (): void =>
      deliveries.resume(({ topic: arn, protocol, endpoint }) => {
        const topic = topics.get(arn);
        const isItsOwn = (other: Subscription) => other.protocol === protocol && other.endpoint === endpoint;
        const subscription = topic?.subscriptions.find(isItsOwn);
        return topic && subscription && { topic, subscription };
      }),

    /** ConfirmSubscription: what a request to a SubscribeURL does. */
    confirm: (token: string): void => {
      for (const subscription of [...topics.values()].flatMap(({ subscriptions }) => subscriptions)) {
        if (subscription.token === token) subscription.confirmed = true;
      }
    },

    /** ListSubscriptionsByTopic. Throws `AwsError`. */
    subscriptionsOf: (principal: Principal, topicArn: string): readonly Subscription[] => {
      iam.authorize({ principal, action: 'sns:ListSubscriptionsByTopic', resource: topicArn });
      return findTopic(topicArn).subscriptions;
    },

    report: (): SubscriptionReport[] =>
      [...topics.values()].flatMap(({ name, subscriptions }) =>
        subscriptions.map(({ protocol, endpoint, confirmed }) => ({ topic: name, protocol, endpoint, confirmed })),
      ),

    handlers: snsResources({ place, iam, topics, findTopic, requestConfirmation }),
  };
};

export type Sns = ReturnType<typeof createSns>;
