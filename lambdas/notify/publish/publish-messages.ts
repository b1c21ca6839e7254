import type { Logger } from '@aws-lambda-powertools/logger';
import type { Delivery, OutboxMessage, Outcomes } from '../outbox/outbox.ts';
import type { Publisher } from './publish.ts';

interface PublishOptions {
  readonly publisher: Pick<Publisher, 'deliver'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly now: () => number;
  /** No message is begun after this time. */
  readonly until: number;
}

/** Incidents whose messages are published at the same time. */
const CONCURRENCY = 10;

const groupByIncident = (messages: readonly OutboxMessage[]): OutboxMessage[][] => {
  const groups = new Map<string, OutboxMessage[]>();
  for (const entry of messages) {
    const { incident } = entry.message;
    groups.set(incident, [...(groups.get(incident) ?? []), entry]);
  }
  return [...groups.values()];
};

/** Publishes a message through each of its channels. Resolves to the deliveries that are still to do. */
const publishEverywhere = async (
  message: OutboxMessage,
  { publisher, logger }: PublishOptions,
): Promise<readonly Delivery[]> => {
  const deliver = async (delivery: Delivery): Promise<Delivery[]> => {
    try {
      await publisher.deliver(message, delivery);
      return [];
    } catch (error) {
      logger.warn('A message could not be published', error as Error);
      return [{ ...delivery, attempts: delivery.attempts + 1 }];
    }
  };
  return (await Promise.all(message.deliveries.map(deliver))).flat();
};

/**
 * Publishes messages, those about one incident in order, up to the first that is not taken or for which no time is left.
 * Resolves to what is still to do of each. Never rejects.
 */
export const publishMessages = async (
  messages: readonly OutboxMessage[],
  options: PublishOptions,
): Promise<Outcomes> => {
  const outcomes = new Map<string, readonly Delivery[]>();
  const publishInOrder = async (entries: readonly OutboxMessage[]): Promise<void> => {
    let isBlocked = false;
    for (const entry of entries) {
      isBlocked ||= options.now() > options.until;
      const remaining: readonly Delivery[] = isBlocked ? entry.deliveries : await publishEverywhere(entry, options);
      outcomes.set(entry.id, remaining);
      isBlocked ||= remaining.length > 0;
    }
  };
  const groups = groupByIncident(messages);
  const runNext = async (): Promise<void> => {
    for (let next = groups.shift(); next; next = groups.shift()) await publishInOrder(next);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, runNext));
  return outcomes;
};
