import { SEVERITIES, type Severity } from '../../contract/severity.ts';
import { channelOfWay, channelWay, topicWay } from '../../contract/ways.ts';
import type { IncidentMessage } from '../incidents/incident.ts';
import { type Delivery, isForTopic } from '../outbox/deliveries.ts';
import type { KnownIncident } from '../outbox/outbox.ts';
import type { Topics } from '../publish/publish.ts';
import { type DigestRules, divideOnWay, noteQuiet, type Ways } from './ways.ts';

/** The way of a severity's topic; severities that have one topic have one way. */
export const topicWayOf = (severity: Severity, topics: Topics): string =>
  topicWay(SEVERITIES.find((each) => topics[each] === topics[severity]) ?? severity);

const wayOf = (delivery: Delivery, topics: Topics): string =>
  isForTopic(delivery) ? topicWayOf(delivery.severity, topics) : channelWay(delivery.channel.name);

/** Whether people on the way of a delivery know of its incident. */
const isKnownThere = (delivery: Delivery, known: KnownIncident | undefined, topics: Topics): boolean => {
  if (!isForTopic(delivery)) return delivery.isInformed === true;
  const topic = topics[delivery.severity];
  return SEVERITIES.some((severity) => topics[severity] === topic && known?.bySeverity[severity] !== undefined);
};

interface DividedDeliveries {
  /** Those that are sent. */
  readonly deliveries: Delivery[];
  readonly ways: Ways;
  /** The ways on which a digest counts the incident now, with the severity that it has there. */
  readonly digested: Readonly<Record<string, Severity>>;
}

/** Leaves out the deliveries of a message on ways on which a digest counts its incident. */
export const divideDeliveries = (
  message: IncidentMessage,
  deliveries: readonly Delivery[],
  { ways, known, topics }: { ways: Ways; known: KnownIncident | undefined; topics: Topics },
  now: number,
  rules: DigestRules,
): DividedDeliveries => {
  const before = new Map(Object.entries(known?.digested?.ways ?? {}));
  const after = { ...(message.kind === 'quiet' ? noteQuiet(ways, before.keys()) : ways) };
  const digested = new Map(before);
  // A topic of both severities gets the end under each name that pagers know.
  const decided = new Map<string, boolean>();
  const isSent = (delivery: Delivery): boolean => {
    const name = wayOf(delivery, topics);
    const earlier = decided.get(name);
    if (earlier !== undefined) return earlier;
    const isKnown = isKnownThere(delivery, known, topics);
    const divided = divideOnWay(
      message,
      { name, way: after[name], isKnown, isDigested: digested.has(name) },
      now,
      rules,
    );
    after[name] = divided.way;
    if (divided.isDigested) digested.set(name, message.severity);
    else digested.delete(name);
    decided.set(name, divided.isSent);
    return divided.isSent;
  };
  return { deliveries: deliveries.filter(isSent), ways: after, digested: Object.fromEntries(digested) };
};

/** The delivery of a digest, which recipients know by its own id. */
export const deliveryOfDigest = (way: string, id: string): Delivery => {
  const channel = channelOfWay(way);
  const leading = { attempts: 0, alarm: id, notification: '' };
  if (channel !== undefined) return { channel: { name: channel }, ...leading };
  return { channel: 'topic', severity: SEVERITIES.find((each) => topicWay(each) === way) ?? 'warning', ...leading };
};
