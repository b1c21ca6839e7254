import * as z from 'zod';
import { deliveryPolicy } from './delivery-policy.ts';
import { type MessageValues, type PolicyMatcher, parseFilterPolicy } from './filter-policy.ts';

/** An attribute of a message: its data type, and its value as text. */
export interface Attribute {
  Type: string;
  Value: string;
}

export interface Message {
  /** Empty for a message without one. */
  subject: string;
  message: string;
  /** What subscribers of a protocol receive instead, by the protocol's name. */
  byProtocol?: Readonly<Record<string, string>>;
  attributes?: Readonly<Record<string, Attribute>>;
}

/** Why a subscription does not receive a message: the end of the name of the metric that counts it. */
type FilterReason =
  | 'MessageAttributes'
  | 'MessageBody'
  | 'NoMessageAttributes'
  | 'InvalidMessageBody'
  | 'InvalidAttributes';

/** The reason why a subscription does not receive a message; undefined when it receives it. */
export type Filter = (message: Message) => FilterReason | undefined;

/** `AWS::SNS::Subscription`. */
export const subscriptionProperties = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.enum(['email', 'https', 'http', 'sqs'], 'the emulator supports e-mail, webhooks and queues only'),
  Endpoint: z.string(),
  FilterPolicy: z.record(z.string(), z.unknown()).optional(),
  FilterPolicyScope: z.enum(['MessageAttributes', 'MessageBody']).default('MessageAttributes'),
  /** For webhooks only. */
  DeliveryPolicy: deliveryPolicy,
  RawMessageDelivery: z.boolean().default(false),
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string() }).optional(),
});

const parseValue = ({ Type, Value }: Attribute): unknown => {
  if (Type.endsWith('.Array')) return JSON.parse(Value);
  return Type.startsWith('Number') ? Number(Value) : Value;
};

/** The values of attributes, without binary ones, which SNS ignores. Throws for an array that is not JSON. */
const valuesOf = (attributes: Readonly<Record<string, Attribute>>): MessageValues =>
  Object.fromEntries(
    Object.entries(attributes)
      .filter(([, { Type }]) => !Type.startsWith('Binary'))
      .map(([name, attribute]) => [name, parseValue(attribute) as MessageValues]),
  );

const filterByAttributes =
  (matches: PolicyMatcher): Filter =>
  ({ attributes = {} }) => {
    try {
      if (matches(valuesOf(attributes))) return undefined;
      return Object.keys(attributes).length === 0 ? 'NoMessageAttributes' : 'MessageAttributes';
    } catch {
      return 'InvalidAttributes';
    }
  };

const filterByBody =
  (matches: PolicyMatcher): Filter =>
  ({ message }) => {
    try {
      const body: unknown = JSON.parse(message);
      if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'InvalidMessageBody';
      return matches(body as MessageValues) ? undefined : 'MessageBody';
    } catch {
      return 'InvalidMessageBody';
    }
  };

type FilterProperties = Pick<z.output<typeof subscriptionProperties>, 'FilterPolicy' | 'FilterPolicyScope'>;

/** A subscription's filter; without a filter policy it receives every message. Throws for an invalid policy. */
export const filterOf = ({ FilterPolicy, FilterPolicyScope: scope }: FilterProperties): Filter => {
  if (!FilterPolicy) return () => undefined;
  const matches = parseFilterPolicy(FilterPolicy, scope);
  return scope === 'MessageBody' ? filterByBody(matches) : filterByAttributes(matches);
};
