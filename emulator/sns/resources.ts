import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Iam } from '../iam/iam.ts';
import { policyDocument } from '../iam/policy.ts';
import { arnOf, type Place } from '../place.ts';
import type { Subscription, TopicIdentity } from './delivery.ts';
import { retryDelaysOf } from './delivery-policy.ts';
import { filterOf, subscriptionProperties } from './subscription.ts';

export interface Topic extends TopicIdentity {
  /** The id or ARN of the key that encrypts it. */
  key: string | undefined;
  subscriptions: Subscription[];
}

const topicProperties = z.strictObject({
  TopicName: z.string().optional(),
  DisplayName: z.string().optional(),
  KmsMasterKeyId: z.string().optional(),
  FifoTopic: z.literal(false, 'the emulator does not support FIFO topics').optional(),
  Tags: z.unknown().optional(),
});
const topicPolicyProperties = z.object({ Topics: z.array(z.string()), PolicyDocument: policyDocument });

/** The policy of a topic without a policy of its own: its account may use it, and services that act for the account. */
const defaultStatement = (arn: string, account: string) => ({
  Sid: '__default_statement_ID',
  Effect: 'Allow' as const,
  Action: ['sns:Publish', 'sns:Subscribe'],
  Resource: [arn],
  Principal: '*' as const,
  Condition: { StringEquals: { 'aws:SourceAccount': account } },
});

const toSubscription = (properties: z.output<typeof subscriptionProperties>): Subscription => ({
  arn: `${properties.TopicArn}:${randomUUID()}`,
  protocol: properties.Protocol,
  endpoint: properties.Endpoint,
  topic: properties.TopicArn,
  filter: filterOf(properties),
  retryDelaysMs: retryDelaysOf(properties.DeliveryPolicy),
  isRaw: properties.RawMessageDelivery,
  deadLetterQueue: properties.RedrivePolicy?.deadLetterTargetArn,
  confirmed: properties.Protocol === 'email' || properties.Protocol === 'sqs',
  token: randomUUID(),
});

interface SnsResourcesOptions {
  place: Place;
  iam: Iam;
  topics: Map<string, Topic>;
  findTopic: (arn: string) => Topic;
  requestConfirmation: (subscription: Subscription) => Promise<void>;
}

/** How CloudFormation creates topics, their policies and their subscriptions. */
export const snsResources = ({ place, iam, topics, findTopic, requestConfirmation }: SnsResourcesOptions) =>
  ({
    'AWS::SNS::Topic': resourceHandler(topicProperties, ({ TopicName, KmsMasterKeyId }, declared) => {
      const name = TopicName ?? nameOf(declared);
      const arn = arnOf(place, 'sns', name);
      topics.set(arn, { arn, name, key: KmsMasterKeyId, subscriptions: [] });
      iam.addResourcePolicy(arn, [defaultStatement(arn, place.account)]);
      return { ref: arn, attributes: { TopicName: name, TopicArn: arn } };
    }),

    'AWS::SNS::TopicPolicy': resourceHandler(topicPolicyProperties, ({ Topics, PolicyDocument }, { logicalId }) => {
      for (const arn of Topics) iam.setResourcePolicy(arn, PolicyDocument.Statement);
      return { ref: logicalId };
    }),

    'AWS::SNS::Subscription': resourceHandler(subscriptionProperties, async (properties) => {
      const subscription = toSubscription(properties);
      findTopic(properties.TopicArn).subscriptions.push(subscription);
      if (!subscription.confirmed) await requestConfirmation(subscription);
      return { ref: subscription.arn, attributes: { Arn: subscription.arn } };
    }),
  }) satisfies Record<string, ResourceHandler>;
