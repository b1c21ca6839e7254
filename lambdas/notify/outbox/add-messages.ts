import { DAY_MS } from '../../contract/durations.ts';
import { SEVERITIES, type Severity } from '../../contract/severity.ts';
import { deliveryOfDigest, divideDeliveries, topicWayOf } from '../digests/divide-deliveries.ts';
import { takeDueDigests } from '../digests/due-digests.ts';
import type { DigestedIncident } from '../digests/figures.ts';
import { type DigestRules, forgetWays, type Ways } from '../digests/ways.ts';
import type { Topology } from '../incidents/causes.ts';
import { type IncidentMessage, isEnd } from '../incidents/incident.ts';
import type { Topics } from '../publish/publish.ts';
import type { Delivery, LeadingAlarm, TopicDelivery } from './deliveries.ts';
import type { KnownIncident, Outbox, OutboxMessage } from './outbox.ts';

/** The names of the channels that get a message, of which some know of its incident already. */
type FindChannels = (message: IncidentMessage, informed: readonly string[] | undefined) => readonly string[];

/** Who gets a message. */
export interface Audience {
  readonly findChannels: FindChannels;
  /** The severities whose recipients CloudWatch notifies of the alarm itself, by its notification. */
  readonly findNotified: (notification: string) => readonly Severity[];
  readonly topics: Topics;
  /** How many messages about new incidents each way gets before a digest counts them. */
  readonly digests: DigestRules;
  readonly topology: Topology;
}

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

const toDigested = (message: IncidentMessage, ways: DigestedIncident['ways']): DigestedIncident => {
  const { cause, alarm, since, members } = message;
  return { cause, alarm, since, members: members.length, ways };
};

/** Whether a message says what CloudWatch says as well, when an alarm publishes past the notifier too. */
const saysThatItFires = ({ kind }: IncidentMessage): boolean => !isEnd(kind) && kind !== 'repeated';

/** What is remembered of an incident and of ways, from one message to the next. */
interface Memory {
  /** `undefined` before the first message about the incident, and after its end. */
  readonly known: KnownIncident | undefined;
  readonly ways: Ways;
}

/**
 * A pager recognizes an incident by the alarm's name. So the recipients of a severity know it under one name from
 * their first message to their last, also when another alarm leads it meanwhile; those who know it by a digest, under
 * none yet. Those whom CloudWatch has notified itself are not notified again.
 */
const addMessage = (
  message: IncidentMessage,
  id: string,
  { known, ways }: Memory,
  now: number,
  { findChannels, findNotified, topics, digests }: Audience,
): Memory & { readonly entry: OutboxMessage } => {
  const { notification, alarm, ...rest } = message;
  const wasDigested = (severity: Severity) => Object.hasOwn(known?.digested?.ways ?? {}, topicWayOf(severity, topics));
  const leading = (severity: Severity): LeadingAlarm =>
    (!wasDigested(severity) && known?.bySeverity[severity]) || { alarm, notification };
  const notified = saysThatItFires(message) ? findNotified(notification) : [];
  const audience = audienceOf(message, known);
  const channels = findChannels(message, known?.channels);
  const toTopics = audience
    .filter((severity) => !notified.includes(severity))
    .map((severity) => ({ channel: 'topic' as const, severity, attempts: 0, ...leading(severity) }));
  const all: Delivery[] = [
    ...withoutRepetition(toTopics, topics),
    ...channels.map((name) => {
      const isInformed = known?.channels?.includes(name) ?? false;
      return { channel: { name }, attempts: 0, alarm, notification, ...(isInformed && { isInformed }) };
    }),
  ];
  const divided = divideDeliveries(message, all, { ways, known, topics }, now, digests);
  const entry = { id, writtenAt: now, message: { ...rest, alarm }, deliveries: divided.deliveries, claimedUntil: 0 };
  if (isEnd(message.kind)) return { entry, known: undefined, ways: divided.ways };
  const isDigested = (severity: Severity) => Object.hasOwn(divided.digested, topicWayOf(severity, topics));
  const informedNow = notified.length > 0 ? notified : audience;
  const bySeverity = SEVERITIES.flatMap((each): [Severity, LeadingAlarm][] => {
    const before = known?.bySeverity[each];
    // Thousands are known by digests, and the text is not needed for them.
    if (informedNow.includes(each)) return [[each, isDigested(each) ? { alarm, notification: '' } : leading(each)]];
    return before && wasDigested(each) === isDigested(each) ? [[each, before]] : [];
  });
  const digested = Object.keys(divided.digested).length > 0 && { digested: toDigested(message, divided.digested) };
  return {
    entry,
    known: {
      at: now,
      bySeverity: Object.fromEntries(bySeverity),
      channels: [...new Set([...(known?.channels ?? []), ...channels])],
      ...digested,
    },
    ways: divided.ways,
  };
};

/** Adds the messages about digests that are due. */
const addDigests = (outbox: Outbox, now: number, newId: () => string, { digests, topology }: Audience): Outbox => {
  const counted = Object.values(outbox.known).flatMap(({ digested }) => digested ?? []);
  const { ways, due } = takeDueDigests(outbox.ways ?? {}, counted, now, topology, digests);
  const messages = due.map(({ way, message: { notification: _, ...message } }): OutboxMessage => {
    const deliveries = [deliveryOfDigest(way, message.incident)];
    return { id: newId(), writtenAt: now, message, deliveries, claimedUntil: 0 };
  });
  return { ...outbox, messages: [...outbox.messages, ...messages], ways: forgetWays(ways, now, digests) };
};

/**
 * Adds messages, each with an id of its own, and those about digests that are due. A message without deliveries is there
 * to be written down: people know of its incident by a digest.
 */
export const addMessages = (
  outbox: Outbox,
  messages: readonly IncidentMessage[],
  now: number,
  newId: () => string,
  audience: Audience,
): Outbox => {
  const known = new Map(Object.entries(outbox.known));
  let { ways = {} } = outbox;
  const added = messages.map((message) => {
    const addition = addMessage(message, newId(), { known: known.get(message.incident), ways }, now, audience);
    if (addition.known) known.set(message.incident, addition.known);
    else known.delete(message.incident);
    ways = addition.ways;
    return addition.entry;
  });
  for (const [incident, { at }] of known) if (now - at >= FORGOTTEN_AFTER_MS) known.delete(incident);
  const after = { messages: [...outbox.messages, ...added], known: Object.fromEntries(known), ways };
  return addDigests(after, now, newId, audience);
};
