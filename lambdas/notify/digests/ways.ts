import { isDrill } from '../../contract/alarms/alarm-name.ts';
import { MINUTE_MS } from '../../contract/durations.ts';
import type { Severity } from '../../contract/severity.ts';
import { type IncidentMessage, isEnd } from '../incidents/incident.ts';
import { eventsOf } from '../publish/event-types.ts';

/** How many incidents people are notified of one by one. */
export interface DigestLimits {
  /** So many new incidents of each severity have messages of their own on each way, within `windowMs`. */
  readonly incidents: number;
  readonly windowMs: number;
}

/** More at once than anybody can look at one by one, and less than a channel takes in a minute. */
export const DIGEST_LIMITS: DigestLimits = { incidents: 10, windowMs: 10 * MINUTE_MS };

export interface DigestRules extends DigestLimits {
  /** Whether a way may show how many incidents there are, of whatever tenants. */
  readonly takesDigests: (way: string) => boolean;
  /** Whether a way shows what is of one of these types. */
  readonly shows: (way: string, types: readonly string[]) => boolean;
}

/** A message in place of those about many incidents, from the first that it counts until all of them are over. */
export interface OpenDigest {
  readonly id: string;
  /** When it began, and when people were notified of it last; both in milliseconds since 1970. */
  readonly since: number;
  readonly notifiedAt?: number;
  /** How many incidents it has counted. */
  readonly total: number;
  /** The fewest of them that were open at a time since people were notified last. */
  readonly fewestOpen: number;
  /** The types of events that these incidents are. */
  readonly events: readonly string[];
  /** The highest severity that people were notified of. */
  readonly notifiedSeverity?: Severity;
  /** How many of them ended only for want of data. */
  readonly quiet: number;
  /** Whether one of them lasts so long that people are to be notified again. */
  readonly isRepeated?: boolean;
}

/** What is remembered of a way to people: a topic, or a channel. Serializable as JSON. */
interface Way {
  /** When incidents of each class began lately that have messages of their own, oldest first. */
  readonly begun: Readonly<Record<string, readonly number[]>>;
  readonly digest?: OpenDigest;
}
export type Ways = Readonly<Record<string, Way>>;

/**
 * Whether an incident has messages of its own whatever else happens: a drill waits for its own, and what is wrong with the
 * pipeline may explain all the others. A deployment has few such causes.
 */
const isAlwaysAlone = ({ cause }: Pick<IncidentMessage, 'cause'>): boolean =>
  isDrill(cause) || cause.startsWith('pipeline/');

const EMPTY: Way = { begun: {} };

/**
 * The incidents among which one has a message of its own: those of its severity. Those of alert rules are by themselves:
 * which channels a rule names is known only with its words, and no other incident has a message less for it.
 */
const classOf = ({ cause, severity }: Pick<IncidentMessage, 'cause' | 'severity'>): string =>
  cause.startsWith('alert-rule/') ? `alert rules, ${severity}` : severity;

/** Whether an incident that begins on a way has a message of its own, and the way after that. */
const admit = (
  way: Way,
  message: IncidentMessage,
  now: number,
  { incidents, windowMs }: DigestRules,
): { way: Way; isAlone: boolean } => {
  const name = classOf(message);
  const recent = (way.begun[name] ?? []).filter((at) => now - at < windowMs);
  const isAlone = recent.length < incidents;
  const begun = { ...way.begun, [name]: isAlone ? [...recent, now] : recent };
  return { way: { ...way, begun }, isAlone };
};

/** The ways after one turned out not to show a message that was admitted there: the next one has its place. */
export const returnPlace = (
  ways: Ways,
  name: string,
  message: Pick<IncidentMessage, 'cause' | 'severity'>,
  admittedAt: number,
): Ways => {
  const way = ways[name];
  const ofClass = classOf(message);
  const places = way?.begun[ofClass] ?? [];
  const place = places.indexOf(admittedAt);
  if (!way || place < 0) return ways;
  return { ...ways, [name]: { ...way, begun: { ...way.begun, [ofClass]: places.toSpliced(place, 1) } } };
};

const beginDigest = (name: string, now: number): OpenDigest => ({
  // A pager that gets two of them must not take one for the other.
  id: `digest/${name.replace(' ', '/')}@${new Date(now).toISOString()}`,
  since: now,
  total: 0,
  events: [],
  fewestOpen: 0,
  quiet: 0,
});

/** What becomes of a message on one way. */
export interface Divided {
  readonly way: Way;
  /** Whether it is sent there. */
  readonly isSent: boolean;
  /** Whether a digest counts its incident there from now on. */
  readonly isDigested: boolean;
}

/** What is known on a way of the incident that a message is about. */
export interface OnWay {
  readonly name: string;
  readonly way: Way | undefined;
  /** Whether people there know of its incident, and whether by a digest. */
  readonly isKnown: boolean;
  readonly isDigested: boolean;
}

const divideEnd = ({ way = EMPTY, isDigested }: OnWay): Divided => ({
  way,
  isSent: !isDigested || !way.digest,
  isDigested: false,
});

/**
 * What becomes of a message that is not an end. What is new to people there counts, and so does what becomes critical of
 * what only a digest has counted.
 */
const divideNews = (message: IncidentMessage, on: OnWay, now: number, rules: DigestRules): Divided => {
  const { way = EMPTY, isKnown, isDigested } = on;
  if (isKnown && !isDigested) return { way, isSent: true, isDigested: false };
  if (isDigested && message.kind !== 'escalated') {
    const digest = way.digest && { ...way.digest, isRepeated: true };
    return { way: digest ? { ...way, digest } : way, isSent: false, isDigested: true };
  }
  const admitted = admit(way, message, now, rules);
  if (admitted.isAlone) return { way: admitted.way, isSent: true, isDigested: false };
  const digest = way.digest ?? beginDigest(on.name, now);
  const counted = {
    ...digest,
    total: digest.total + (isDigested ? 0 : 1),
    events: [...new Set([...digest.events, ...eventsOf(message)])],
  };
  return { way: { ...admitted.way, digest: counted }, isSent: false, isDigested: true };
};

/** Divides what is sent on a way by itself from what a digest counts there. */
export const divideOnWay = (message: IncidentMessage, on: OnWay, now: number, rules: DigestRules): Divided => {
  if (isAlwaysAlone(message) || !rules.takesDigests(on.name))
    return { way: on.way ?? EMPTY, isSent: true, isDigested: false };
  return isEnd(message.kind) ? divideEnd(on) : divideNews(message, on, now, rules);
};

/** The ways after an incident whose end is not proven, which digests counted on some of them. */
export const noteQuiet = (ways: Ways, digested: Iterable<string>): Ways => {
  const after = { ...ways };
  for (const name of digested) {
    const way = after[name];
    if (way?.digest) after[name] = { ...way, digest: { ...way.digest, quiet: way.digest.quiet + 1 } };
  }
  return after;
};

/** Without ways on which nothing began lately and no digest is open. */
export const forgetWays = (ways: Ways, now: number, { windowMs }: DigestRules): Ways =>
  Object.fromEntries(
    Object.entries(ways).filter(
      ([, { begun, digest }]) =>
        digest || Object.values(begun).some((times) => times.some((at) => now - at < windowMs)),
    ),
  );
