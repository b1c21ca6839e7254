import type { Severity } from '../../contract/severity.ts';

/** The alarm under which recipients know an incident. */
export interface LeadingAlarm {
  readonly alarm: string;
  readonly notification: string;
}

/** A message on its way to the topic of a severity. */
export interface TopicDelivery extends LeadingAlarm {
  readonly channel: 'topic';
  readonly severity: Severity;
  /** How many attempts have failed. */
  readonly attempts: number;
}

/** A message on its way to the queue of a channel. */
export interface ChannelDelivery extends LeadingAlarm {
  readonly channel: { readonly name: string };
  readonly attempts: number;
  /** Whether the channel has got an earlier message about the incident. */
  readonly isInformed?: boolean;
  /** It is done: the channel may not get what the message says. */
  readonly isWithheld?: boolean;
}

export type Delivery = TopicDelivery | ChannelDelivery;

export const isForTopic = (delivery: Delivery): delivery is TopicDelivery => delivery.channel === 'topic';

/** Whether nothing is left to do, although nothing was sent. */
export const isWithheld = (delivery: Delivery): delivery is ChannelDelivery =>
  !isForTopic(delivery) && delivery.isWithheld === true;
