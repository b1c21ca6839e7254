import type { Logger } from '@aws-lambda-powertools/logger';
import type { Notice } from '../../contract/notice.ts';
import { type Delivery, isForTopic, isWithheld } from '../outbox/deliveries.ts';
import { type OutboxMessage, type Outcomes, orderKeysOf, UnawareChannels } from '../outbox/outbox.ts';
import type { Channels } from './channels.ts';
import type { Publisher } from './publish.ts';

interface PublishOptions {
  readonly publisher: Pick<Publisher, 'deliver'>;
  readonly channels: Pick<Channels, 'deliver'>;
  /** The words of a message, for recipients who know its incident by this alarm. */
  readonly findNotice: (message: OutboxMessage, delivery: Delivery) => Notice | undefined;
  readonly logger: Pick<Logger, 'warn'>;
  readonly now: () => number;
  /** No message is begun after this time. */
  readonly until: number;
}

/** Groups of messages that are published at the same time. */
const CONCURRENCY = 10;

/**
 * Groups messages that must be published in order: those that share a key, also by way of others. Groups are in the order
 * of their first messages: what has waited longest is published first.
 */
const groupByOrder = (messages: readonly OutboxMessage[]): OutboxMessage[][] => {
  /** For each message an earlier one of its group, or itself if it is the first. */
  const earlier = messages.map((_, index) => index);
  const firstOf = (index: number): number => {
    let first = index;
    for (let next = earlier[first] ?? first; next !== first; next = earlier[first] ?? first) first = next;
    earlier[index] = first;
    return first;
  };
  const byKey = new Map<string, number>();
  for (const [index, entry] of messages.entries())
    for (const key of orderKeysOf(entry)) {
      const [one, other] = [firstOf(index), firstOf(byKey.get(key) ?? index)];
      earlier[Math.max(one, other)] = Math.min(one, other);
      byKey.set(key, index);
    }
  const groups = new Map<number, OutboxMessage[]>();
  for (const [index, entry] of messages.entries()) {
    const first = firstOf(index);
    const group = groups.get(first);
    if (group) group.push(entry);
    else groups.set(first, [entry]);
  }
  return [...groups.values()];
};

/** Where a delivery goes: one that fails holds back later ones there, and none that go elsewhere. */
const laneOf = (delivery: Delivery): string => (isForTopic(delivery) ? 'topics' : `channel ${delivery.channel.name}`);

/**
 * Publishes a message to topics and channels, but for those that are blocked. Resolves to the deliveries that are still
 * to do.
 */
const publishEverywhere = async (
  message: OutboxMessage,
  blocked: ReadonlySet<string>,
  { publisher, channels, findNotice, logger }: PublishOptions,
): Promise<readonly Delivery[]> => {
  const deliver = async (delivery: Delivery): Promise<Delivery[]> => {
    if (blocked.has(laneOf(delivery))) return [delivery];
    try {
      const notice = findNotice(message, delivery);
      if (!isForTopic(delivery)) {
        const isSent = await channels.deliver(message, delivery, notice);
        return isSent ? [] : [{ ...delivery, isWithheld: true }];
      }
      await publisher.deliver(message, delivery, notice);
      return [];
    } catch (error) {
      logger.warn('A message could not be published', error as Error);
      return [{ ...delivery, attempts: delivery.attempts + 1 }];
    }
  };
  return (await Promise.all(message.deliveries.map(deliver))).flat();
};

/**
 * Publishes messages, those that must follow each other in order, to topics and to each channel up to the first that is
 * not taken there, or for which no time is left. Resolves to what is still to do of each. Never rejects.
 */
export const publishMessages = async (
  messages: readonly OutboxMessage[],
  options: PublishOptions,
): Promise<Outcomes> => {
  const outcomes = new Map<string, readonly Delivery[]>();
  const publishInOrder = async (entries: readonly OutboxMessage[]): Promise<void> => {
    const blocked = new Set<string>();
    const unaware = new UnawareChannels();
    for (const written of entries) {
      const entry = unaware.correct(written);
      const isLate = options.now() > options.until;
      const remaining = isLate ? entry.deliveries : await publishEverywhere(entry, blocked, options);
      outcomes.set(entry.id, remaining);
      unaware.note(entry, remaining);
      for (const delivery of remaining) if (!isWithheld(delivery)) blocked.add(laneOf(delivery));
    }
  };
  for (const { id, deliveries } of messages) if (deliveries.length === 0) outcomes.set(id, []);
  const groups = groupByOrder(messages.filter(({ id }) => !outcomes.has(id)));
  const runNext = async (): Promise<void> => {
    for (let next = groups.shift(); next; next = groups.shift()) await publishInOrder(next);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, runNext));
  return outcomes;
};
