import * as z from 'zod';
import { type PolicyMatch, parseFilterPolicy } from './filter.ts';
import { deliveryPolicy } from './retry.ts';

/** An attribute of a message: its data type and its value, as text. */
export interface Attribute {
  Type: string;
  Value: string;
}

export interface Message {
  subject: string;
  message: string;
  attributes?: Readonly<Record<string, Attribute>>;
}

/** Why a subscriber is not sent a message: the end of the name of the metric that counts it. */
export type FilteredOut =
  | 'MessageAttributes'
  | 'MessageBody'
  | 'NoMessageAttributes'
  | 'InvalidMessageBody'
  | 'InvalidAttributes';

export type Filter = (message: Message) => FilteredOut | undefined;

export const subscriptionProperties = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.enum(['email', 'https', 'http'], 'only e-mail and webhooks are known here'),
  Endpoint: z.string(),
  FilterPolicy: z.record(z.string(), z.unknown()).optional(),
  FilterPolicyScope: z.enum(['MessageAttributes', 'MessageBody']).default('MessageAttributes'),
  /** Of a webhook. */
  DeliveryPolicy: deliveryPolicy,
  RawMessageDelivery: z.boolean().default(false),
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string() }).optional(),
});

type Said = Parameters<PolicyMatch>[0];

/** The values of attributes. Binary ones are not looked at. Throws for an array that is none. */
const valuesOf = (attributes: Readonly<Record<string, Attribute>>): Said =>
  Object.fromEntries(
    Object.entries(attributes)
      .filter(([, { Type }]) => !Type.startsWith('Binary'))
      .map(([name, { Type, Value }]) => {
        if (Type.endsWith('.Array')) return [name, JSON.parse(Value)];
        return [name, Type.startsWith('Number') ? Number(Value) : Value];
      }),
  );

const onAttributes =
  (taken: PolicyMatch): Filter =>
  ({ attributes = {} }) => {
    try {
      if (taken(valuesOf(attributes))) return undefined;
      return Object.keys(attributes).length === 0 ? 'NoMessageAttributes' : 'MessageAttributes';
    } catch {
      return 'InvalidAttributes';
    }
  };

const onBody =
  (taken: PolicyMatch): Filter =>
  ({ message }) => {
    try {
      const body: unknown = JSON.parse(message);
      if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'InvalidMessageBody';
      return taken(body as Said) ? undefined : 'MessageBody';
    } catch {
      return 'InvalidMessageBody';
    }
  };

type Filtering = Pick<z.output<typeof subscriptionProperties>, 'FilterPolicy' | 'FilterPolicyScope'>;

/** The filter a subscription asks for; without a policy it takes everything. Throws for a policy that cannot be. */
export const filterOf = ({ FilterPolicy, FilterPolicyScope: scope }: Filtering): Filter => {
  if (!FilterPolicy) return () => undefined;
  const taken = parseFilterPolicy(FilterPolicy, scope);
  return scope === 'MessageBody' ? onBody(taken) : onAttributes(taken);
};
