import { randomUUID } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import { MINUTE_MS, SECOND_MS } from '../contract/durations.ts';
import type { Notice } from '../contract/notice.ts';
import type { Severity } from '../contract/severity.ts';
import { channelOfWay } from '../contract/ways.ts';
import { decide } from './decide.ts';
import { DIGEST_LIMITS } from './digests/ways.ts';
import type { EventNotices } from './events/event-notices.ts';
import type { Topology } from './incidents/causes.ts';
import type { StateChange } from './incidents/incident.ts';
import type { updateIncidents } from './incidents/update-incidents.ts';
import { findNotifiedDirectly } from './notifications/notified-directly.ts';
import {
  type Inbox,
  type InboxRecord,
  type Notification,
  readNotification,
} from './notifications/read-notification.ts';
import { type Audience, addMessages } from './outbox/add-messages.ts';
import type { Delivery, LeadingAlarm } from './outbox/deliveries.ts';
import {
  claimMessages,
  findWaiting,
  NOTHING_WAITS,
  type OutboxMessage,
  type Outcomes,
  settleMessages,
  type Waiting,
} from './outbox/outbox.ts';
import type { StateStore } from './outbox/state-store.ts';
import type { Channels } from './publish/channels.ts';
import type { Publisher, Topics } from './publish/publish.ts';
import { publishMessages } from './publish/publish-messages.ts';
import type { KnownFacts } from './words/context.ts';
import { blindingIncident, type FactsByMessage } from './words/read-facts.ts';

export interface NotifierParts {
  readonly store: Pick<StateStore, 'update'>;
  readonly publisher: Pick<Publisher, 'deliver' | 'forward'>;
  readonly channels: Pick<Channels, 'find' | 'takesDigests' | 'shows' | 'deliver' | 'forward'>;
  readonly inbox: Inbox;
  /** Tells of what is no incident. */
  readonly events: Pick<EventNotices, 'takeDeploymentEvent' | 'takeCustomNotice' | 'takeWeekReport' | 'passTime'>;
  readonly topology: Topology;
  /** Of people and pagers, by severity. */
  readonly topics: Topics;
  /** Joins changes to incidents: `updateIncidents`. */
  readonly update: typeof updateIncidents;
  /** What the store knows about messages; while an incident of this cause is open, nothing. */
  readonly readFacts: (entries: readonly OutboxMessage[], blinding: string | undefined) => Promise<FactsByMessage>;
  /** The words of a message, for recipients who know its incident by this alarm. */
  readonly buildNotice: (entry: OutboxMessage, leading: LeadingAlarm, known: KnownFacts | undefined) => Notice;
  /** Learns of each message when it is published first. */
  readonly onNotified: (entry: OutboxMessage, notice: Notice) => void;
  /** Learns of each attempt to publish a message, with what is still to do. Never rejects. */
  readonly onPublished: (entry: OutboxMessage, remaining: readonly Delivery[]) => Promise<void>;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
  readonly now?: () => number;
}

/** A run that claims a message has ended by then, or was ended. */
const CLAIM_MS = 40 * SECOND_MS;
/** A message that could not be delivered for so long is not on its way any more. */
const MAX_WAITING_MS = 2 * MINUTE_MS;

/** What people get as it came. */
interface Forwarded {
  readonly messageId: string;
  readonly severity: Severity;
  readonly subject: string;
  readonly text: string;
}

/** A message of the inbox that is about no incident. */
interface EventMessage {
  readonly messageId: string;
  readonly notification: Extract<Notification, { kind: 'deployment' | 'custom' | 'report' }>;
}

/** What a run did. */
interface RunResult {
  /** The changes that nothing could be decided about. */
  readonly undecided: readonly StateChange[];
  /** What could not be delivered. Absent when it could not be written down which messages were published. */
  readonly waiting: Waiting | undefined;
}

/** Who gets what, and how much of it one by one. */
const audienceFor = ({ channels, topics, topology }: NotifierParts): Audience => ({
  findChannels: (message, informed) => channels.find(message, informed, topology.tools),
  findNotified: (notification) => findNotifiedDirectly(notification, topics),
  topics,
  topology,
  digests: {
    ...DIGEST_LIMITS,
    takesDigests: (way) => {
      const channel = channelOfWay(way);
      return channel === undefined || channels.takesDigests(channel);
    },
    shows: (way, types) => {
      const channel = channelOfWay(way);
      return channel === undefined || channels.shows(channel, types);
    },
  },
});

/** Reads the inbox, decides what people are notified of, and notifies them. */
export class Notifier {
  private readonly parts: NotifierParts;
  private readonly now: () => number;
  private readonly audience: Audience;

  constructor(parts: NotifierParts) {
    this.parts = parts;
    this.now = parts.now ?? Date.now;
    this.audience = audienceFor(parts);
  }

  /**
   * Takes messages of the inbox, and resolves to the ids of those that must be delivered again. A message is written
   * down before it is published, and published until SNS has taken it: at least once, and once unless a run ends in
   * between. Never rejects. No run begins to publish after `until`.
   */
  async takeRecords(records: readonly InboxRecord[], until: number): Promise<string[]> {
    const changes = new Map<StateChange, string>();
    const others: Forwarded[] = [];
    const events: EventMessage[] = [];
    for (const record of records) {
      const { messageId } = record;
      const notification = readNotification(record, this.parts.inbox);
      if (notification.kind === 'change') changes.set(notification.change, messageId);
      else if (notification.kind === 'other') others.push({ messageId, ...notification });
      else if (notification.kind !== 'first state') events.push({ messageId, notification });
    }
    const failed = await Promise.all([
      this.takeChanges(changes, until),
      this.forward(others),
      this.takeEvents(events, until),
    ]);
    return failed.flat();
  }

  /**
   * Lets time pass for incidents, and publishes what is still to do. Rejects when the state cannot be read or written,
   * or when messages wait because SNS does not take them: a run that resolves shows that the notifier works. Resolves to
   * how long messages wait that queues of channels do not take, in milliseconds, by the channels' names.
   */
  async passTime(until: number): Promise<Waiting['channelsMs']> {
    const [{ waiting }] = await Promise.all([this.run([], until), this.passTimeOfEvents()]);
    if (waiting === undefined) throw new Error('It could not be written down which messages were published.');
    if (waiting.topicsMs > MAX_WAITING_MS) {
      const seconds = Math.round(waiting.topicsMs / SECOND_MS);
      throw new Error(`Messages have been waiting for ${seconds} seconds, because SNS does not take them.`);
    }
    return waiting.channelsMs;
  }

  /** Never rejects: whether the notifier works is not decided by what is no incident. */
  private async passTimeOfEvents(): Promise<void> {
    await this.parts.events.passTime().catch((error: unknown) => {
      this.parts.logger.error('People could not be notified of the end of a deployment', error as Error);
    });
  }

  /** One after another, because several may be about one thing. What comes after `until` must come again. */
  private async takeEvents(messages: readonly EventMessage[], until: number): Promise<string[]> {
    const failed: string[] = [];
    for (const message of messages) {
      const isDone = this.now() <= until && (await this.takeEvent(message));
      if (!isDone) failed.push(message.messageId);
    }
    return failed;
  }

  /** Resolves to whether the message may leave its queue. */
  private async takeEvent({ messageId, notification }: EventMessage): Promise<boolean> {
    const { events, logger } = this.parts;
    try {
      if (notification.kind === 'custom') return await events.takeCustomNotice(notification.notice);
      if (notification.kind === 'report') return await events.takeWeekReport(notification.report);
      await events.takeDeploymentEvent(messageId, notification.event);
      return true;
    } catch (error) {
      logger.error('People could not be notified of an event', error as Error);
      return false;
    }
  }

  private async takeChanges(changes: ReadonlyMap<StateChange, string>, until: number): Promise<string[]> {
    if (changes.size === 0) return [];
    try {
      const { undecided } = await this.run([...changes.keys()], until);
      return await this.forward(
        undecided.map((change) => ({
          messageId: changes.get(change) ?? '',
          severity: change.severity,
          subject: `${change.state}: ${change.alarm}`,
          text: change.notification,
        })),
      );
    } catch (error) {
      this.parts.logger.error('Changes of alarms could not be taken', error as Error);
      return [...changes.values()];
    }
  }

  /** Resolves to the ids of those that could not be forwarded. */
  private async forward(notifications: readonly Forwarded[]): Promise<string[]> {
    const forwardOne = async ({ messageId, severity, subject, text }: Forwarded): Promise<string[]> => {
      try {
        await this.parts.publisher.forward(severity, subject, text);
      } catch (error) {
        this.parts.logger.error('A notification could not be forwarded', error as Error);
        return [messageId];
      }
      // Without the state nothing waits: what a channel's queue does not take now, only the topics have.
      await this.parts.channels.forward(messageId, severity, subject, text, this.now()).catch((error: unknown) => {
        this.parts.logger.error('A notification could not be forwarded to a channel', error as Error);
      });
      return [];
    };
    return (await Promise.all(notifications.map(forwardOne))).flat();
  }

  /** Decides, writes down what is to be published, and publishes it. Rejects only before anything is published. */
  private async run(changes: readonly StateChange[], until: number): Promise<RunResult> {
    const { store, topology, update, publisher, channels, logger } = this.parts;
    const onUndecided = (error: unknown) =>
      logger.error('A change of an alarm could not be decided about', error as Error);
    const { claimed, undecided, blinding } = await store.update((state) => {
      const now = this.now();
      const decision = decide(state.incidents, changes, { update, now, topology, onUndecided });
      const added = addMessages(state.outbox, decision.messages, now, randomUUID, this.audience);
      const { outbox, claimed } = claimMessages(added, now, now + CLAIM_MS);
      const { incidents, undecided } = decision;
      return { state: { incidents, outbox }, result: { claimed, undecided, blinding: blindingIncident(incidents) } };
    });
    if (claimed.length === 0) return { undecided, waiting: NOTHING_WAITS };
    const findNotice = await this.findWords(claimed, blinding);
    const outcomes = await publishMessages(claimed, { publisher, channels, findNotice, logger, now: this.now, until });
    // At the same time: a run that ends while others learn of it must have written down what it published.
    const [waiting] = await Promise.all([
      this.settle(outcomes),
      ...claimed.map((entry) => this.parts.onPublished(entry, outcomes.get(entry.id) ?? [])),
    ]);
    return { undecided, waiting };
  }

  /** Asks what the store knows, and resolves to the words of each message; to none of one that cannot be worded. */
  private async findWords(claimed: readonly OutboxMessage[], blinding: string | undefined) {
    const { readFacts, buildNotice, onNotified, logger } = this.parts;
    // Of what a digest says nobody reads more, and in a storm the store has enough to do.
    const worded = claimed.filter(({ message, deliveries }) => deliveries.length > 0 && !message.digest);
    const facts = await readFacts(worded, blinding);
    const attempt = <Result>(work: () => Result): Result | undefined => {
      try {
        return work();
      } catch (error) {
        logger.error('A message could not be worded', error as Error);
        return undefined;
      }
    };
    const built = new Map<string, Notice | undefined>();
    const findNotice = (entry: OutboxMessage, leading: LeadingAlarm): Notice | undefined => {
      const key = JSON.stringify([entry.id, leading.alarm]);
      if (!built.has(key))
        built.set(
          key,
          attempt(() => buildNotice(entry, leading, facts.get(entry.id))),
        );
      return built.get(key);
    };
    for (const entry of claimed) {
      // A digest is no incident: those that it counts are written down themselves.
      const isNew = !entry.message.digest && entry.deliveries.every(({ attempts }) => attempts === 0);
      const leading = entry.deliveries[0] ?? { alarm: entry.message.alarm, notification: '' };
      const notice = isNew ? findNotice(entry, leading) : undefined;
      if (notice) attempt(() => onNotified(entry, notice));
    }
    return findNotice;
  }

  /** What was published is published: if that cannot be written down, it is published again when the claim ends. */
  private async settle(outcomes: Outcomes): Promise<Waiting | undefined> {
    try {
      return await this.parts.store.update((state) => {
        const outbox = settleMessages(state.outbox, outcomes);
        return { state: { ...state, outbox }, result: findWaiting(outbox, this.now()) };
      });
    } catch (error) {
      this.parts.logger.error('It could not be written down that messages were published', error as Error);
      return undefined;
    }
  }
}
