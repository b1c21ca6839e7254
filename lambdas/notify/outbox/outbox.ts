import { DAY_MS } from '../../contract/durations.ts';
import { SEVERITIES, type Severity } from '../../contract/severity.ts';
import { type IncidentMessage, isEnd } from '../incidents/incident.ts';
import type { Topics } from '../publish/publish.ts';

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

/** A message that is not delivered everywhere yet. */
export interface OutboxMessage {
  readonly id: string;
  readonly writtenAt: number;
  readonly message: Omit<IncidentMessage, 'notification'>;
  /** Those that are not done. */
  readonly deliveries: readonly Delivery[];
  /** Until then the run that claimed it delivers it, and no other. */
  readonly claimedUntil: number;
}

/** Under which alarm the recipients of each severity know an incident. */
interface KnownIncident {
  /** When it was last mentioned. */
  readonly at: number;
  readonly bySeverity: Partial<Record<Severity, LeadingAlarm>>;
  /** The names of the channels that got a message about it. */
  readonly channels?: readonly string[];
}

/** The names of the channels that get a message, of which some know of its incident already. */
type FindChannels = (message: IncidentMessage, informed: readonly string[] | undefined) => readonly string[];

/** Who gets a message. */
export interface Audience {
  readonly findChannels: FindChannels;
  /** The severities whose recipients CloudWatch notifies of the alarm itself, by its notification. */
  readonly findNotified: (notification: string) => readonly Severity[];
  readonly topics: Topics;
}

export interface Outbox {
  /** Oldest first. */
  readonly messages: readonly OutboxMessage[];
  readonly known: Readonly<Record<string, KnownIncident>>;
}

export const EMPTY_OUTBOX: Outbox = { messages: [], known: {} };

/** An incident that lasts is repeated far more often; one that is not mentioned for so long will never be. */
const FORGOTTEN_AFTER_MS = 7 * DAY_MS;

/** Who gets a message: the recipients of its severity, and of its end everybody who knows of the incident. */
const audienceOf = ({ kind, severity }: IncidentMessage, known: KnownIncident | undefined): readonly Severity[] => {
  const informed = SEVERITIES.filter((each) => known?.bySeverity[each]);
  return isEnd(kind) && informed.length > 0 ? informed : [severity];
};

/** Without those that would bring the same to a topic again: severities may have one topic. */
const withoutRepetition = (deliveries: readonly TopicDelivery[], topics: Topics): TopicDelivery[] => {
  const isSame = (one: TopicDelivery, other: TopicDelivery): boolean =>
    topics[one.severity] === topics[other.severity] && one.alarm === other.alarm;
  return deliveries.filter((delivery, index) => deliveries.findIndex((other) => isSame(delivery, other)) === index);
};

/** Whether a message says what CloudWatch says as well, when an alarm publishes past the notifier too. */
const saysThatItFires = ({ kind }: IncidentMessage): boolean => !isEnd(kind) && kind !== 'repeated';

/**
 * A pager recognizes an incident by the alarm's name. So the recipients of a severity know it under one name from
 * their first message to their last, also when another alarm leads it meanwhile. Those whom CloudWatch has notified
 * itself are not notified again.
 */
const addMessage = (
  outbox: Outbox,
  message: IncidentMessage,
  id: string,
  now: number,
  { findChannels, findNotified, topics }: Audience,
): Outbox => {
  const { notification, ...rest } = message;
  const before = Object.hasOwn(outbox.known, message.incident) ? outbox.known[message.incident] : undefined;
  const leading = (severity: Severity): LeadingAlarm =>
    before?.bySeverity[severity] ?? { alarm: message.alarm, notification };
  const notified = saysThatItFires(message) ? findNotified(notification) : [];
  const audience = audienceOf(message, before);
  const channels = findChannels(message, before?.channels);
  const toTopics = audience
    .filter((severity) => !notified.includes(severity))
    .map((severity) => ({ channel: 'topic' as const, severity, attempts: 0, ...leading(severity) }));
  const deliveries: Delivery[] = [
    ...withoutRepetition(toTopics, topics),
    ...channels.map((name) => {
      const isInformed = before?.channels?.includes(name) ?? false;
      return { channel: { name }, attempts: 0, alarm: message.alarm, notification, ...(isInformed && { isInformed }) };
    }),
  ];
  const { [message.incident]: _, ...others } = outbox.known;
  const informedNow = notified.length > 0 ? notified : audience;
  const bySeverity = { ...before?.bySeverity, ...Object.fromEntries(informedNow.map((each) => [each, leading(each)])) };
  const informed = [...new Set([...(before?.channels ?? []), ...channels])];
  return {
    messages: [...outbox.messages, { id, writtenAt: now, message: rest, deliveries, claimedUntil: 0 }],
    known: isEnd(message.kind)
      ? others
      : { ...others, [message.incident]: { at: now, bySeverity, channels: informed } },
  };
};

/** Adds messages, each with an id of its own. */
export const addMessages = (
  outbox: Outbox,
  messages: readonly IncidentMessage[],
  now: number,
  newId: () => string,
  audience: Audience,
): Outbox => {
  const added = messages.reduce((sum, message) => addMessage(sum, message, newId(), now, audience), outbox);
  const known = Object.entries(added.known).filter(([, { at }]) => now - at < FORGOTTEN_AFTER_MS);
  return { ...added, known: Object.fromEntries(known) };
};

/**
 * What a message must be delivered in order with: others about its incident, and others under the same alarm's name, by
 * which a pager would take two incidents for one. Channels know incidents by their own ids.
 */
export const orderKeysOf = ({ message, deliveries }: OutboxMessage): string[] => [
  `incident ${message.incident}`,
  ...deliveries.filter(isForTopic).map(({ alarm }) => `alarm ${alarm}`),
];

/**
 * Claims what nobody else is delivering, until a time. A message stays behind while another run delivers an earlier one
 * that it must follow.
 */
export const claimMessages = (
  outbox: Outbox,
  now: number,
  until: number,
): { outbox: Outbox; claimed: OutboxMessage[] } => {
  const busy = new Set<string>();
  const claimed: OutboxMessage[] = [];
  const messages = outbox.messages.map((entry) => {
    const keys = orderKeysOf(entry);
    if (entry.claimedUntil > now || keys.some((key) => busy.has(key))) {
      for (const key of keys) busy.add(key);
      return entry;
    }
    const mine = { ...entry, claimedUntil: until };
    claimed.push(mine);
    return mine;
  });
  return { outbox: { ...outbox, messages }, claimed };
};

/** What became of a claimed message: the deliveries that are still to do, and those that were withheld. */
export type Outcomes = ReadonlyMap<string, readonly Delivery[]>;

/**
 * The channels that know nothing of an incident although a message about it was for them, because it was withheld. Shown
 * messages in their order, it corrects the next one, which was written before that was known.
 */
export class UnawareChannels {
  private readonly byIncident = new Map<string, Set<string>>();

  /** A message as it is right for these channels: the first about its incident, or no message if it is the end. */
  correct(entry: OutboxMessage): OutboxMessage {
    const unaware = this.byIncident.get(entry.message.incident);
    if (!unaware || unaware.size === 0) return entry;
    const deliveries = entry.deliveries.flatMap((delivery): Delivery[] => {
      if (isForTopic(delivery) || !unaware.delete(delivery.channel.name)) return [delivery];
      const { isInformed: _, ...first } = delivery;
      return isEnd(entry.message.kind) ? [] : [first];
    });
    return { ...entry, deliveries };
  }

  /** Learns what is still to do of a message, after it was corrected. */
  note({ message: { incident } }: OutboxMessage, left: readonly Delivery[]): void {
    const names = left.filter(isWithheld).flatMap(({ channel, isInformed }) => (isInformed ? [] : channel.name));
    this.byIncident.set(incident, new Set([...(this.byIncident.get(incident) ?? []), ...names]));
  }

  /** Without these channels: they are not to get the end. */
  forget(known: Outbox['known']): Outbox['known'] {
    const kept = Object.entries(known).map(([incident, each]): [string, KnownIncident] => {
      const unaware = this.byIncident.get(incident);
      if (!each.channels || !unaware || unaware.size === 0) return [incident, each];
      return [incident, { ...each, channels: each.channels.filter((name) => !unaware.has(name)) }];
    });
    return Object.fromEntries(kept);
  }
}

/** Removes what was delivered, and gives the rest back for another attempt. */
export const settleMessages = (outbox: Outbox, outcomes: Outcomes): Outbox => {
  const unaware = new UnawareChannels();
  const messages = outbox.messages.flatMap((entry) => {
    const corrected = unaware.correct(entry);
    const left = outcomes.get(entry.id);
    if (left === undefined) return [corrected];
    unaware.note(entry, left);
    const remaining = left.filter((delivery) => !isWithheld(delivery));
    return remaining.length > 0 ? [{ ...entry, deliveries: remaining, claimedUntil: 0 }] : [];
  });
  return { messages, known: unaware.forget(outbox.known) };
};

/** The oldest messages that some attempt failed to deliver, and how long they wait, in milliseconds. */
export interface Waiting {
  /** On the way to topics; 0 without one. */
  readonly topicsMs: number;
  /** On the way to queues of channels, by the channels' names. */
  readonly channelsMs: Readonly<Record<string, number>>;
}

export const NOTHING_WAITS: Waiting = { topicsMs: 0, channelsMs: {} };

export const findWaiting = ({ messages }: Outbox, now: number): Waiting => {
  let topicsMs = 0;
  const channelsMs: Record<string, number> = {};
  for (const { writtenAt, deliveries } of messages) {
    for (const delivery of deliveries.filter(({ attempts }) => attempts > 0)) {
      const ms = now - writtenAt;
      if (isForTopic(delivery)) topicsMs = Math.max(topicsMs, ms);
      else channelsMs[delivery.channel.name] = Math.max(channelsMs[delivery.channel.name] ?? 0, ms);
    }
  }
  return { topicsMs, channelsMs };
};
