import type { Severity } from '../../contract/severity.ts';
import { channelWay } from '../../contract/ways.ts';
import type { DigestedIncident } from '../digests/figures.ts';
import { returnPlace, type Ways } from '../digests/ways.ts';
import { type IncidentMessage, isEnd } from '../incidents/incident.ts';
import { type Delivery, isForTopic, isWithheld, type LeadingAlarm } from './deliveries.ts';

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
export interface KnownIncident {
  /** When it was last mentioned. */
  readonly at: number;
  readonly bySeverity: Partial<Record<Severity, LeadingAlarm>>;
  /** The names of the channels that got a message about it, or of which a digest counts it. */
  readonly channels?: readonly string[];
  /** Where people know of it by a digest. */
  readonly digested?: DigestedIncident;
}

export interface Outbox {
  /** Oldest first. */
  readonly messages: readonly OutboxMessage[];
  readonly known: Readonly<Record<string, KnownIncident>>;
  /** What is remembered of each way to people; absent from what an earlier version wrote. */
  readonly ways?: Ways;
}

export const EMPTY_OUTBOX: Outbox = { messages: [], known: {} };

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
    const remaining = Object.entries(known).map(([incident, each]): [string, KnownIncident] => {
      const unaware = this.byIncident.get(incident);
      if (!each.channels || !unaware || unaware.size === 0) return [incident, each];
      return [incident, { ...each, channels: each.channels.filter((name) => !unaware.has(name)) }];
    });
    return Object.fromEntries(remaining);
  }
}

/** Removes what was delivered, and gives the rest back for another attempt. */
export const settleMessages = (outbox: Outbox, outcomes: Outcomes): Outbox => {
  const unaware = new UnawareChannels();
  let { ways = {} } = outbox;
  const messages = outbox.messages.flatMap((entry) => {
    const corrected = unaware.correct(entry);
    const left = outcomes.get(entry.id);
    if (left === undefined) return [corrected];
    unaware.note(entry, left);
    for (const { channel } of left.filter(isWithheld))
      ways = returnPlace(ways, channelWay(channel.name), entry.message, entry.writtenAt);
    const remaining = left.filter((delivery) => !isWithheld(delivery));
    return remaining.length > 0 ? [{ ...entry, deliveries: remaining, claimedUntil: 0 }] : [];
  });
  return { ...outbox, messages, known: unaware.forget(outbox.known), ways };
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
