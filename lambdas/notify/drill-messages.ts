import type { Logger } from '@aws-lambda-powertools/logger';
import { isDrill } from '../contract/alarms/alarm-name.ts';
import { type DrillMessage, drillMessage, idOfDrillMessage } from '../contract/drill.ts';
import { channelWay, topicWay } from '../contract/ways.ts';
import type { TableItems } from '../monitoring/table-items.ts';
import { isEnd } from './incidents/incident.ts';
import { type Delivery, isForTopic } from './outbox/deliveries.ts';
import type { OutboxMessage } from './outbox/outbox.ts';
import { toThread } from './words/thread.ts';

const wayOf = (delivery: Delivery): string =>
  isForTopic(delivery) ? topicWay(delivery.severity) : channelWay(delivery.channel.name);

/** What is known of a drill's message after an attempt to publish it. */
const after = (
  { id, message, deliveries }: OutboxMessage,
  remaining: readonly Delivery[],
  known: DrillMessage | undefined,
): DrillMessage | undefined => {
  if (isEnd(message.kind)) return known?.incident === message.incident ? { ...known, endedAt: message.at } : known;
  const left = remaining.map(wayOf);
  const published = deliveries.map(wayOf).filter((way) => !left.includes(way));
  const before = known?.notice === id ? known.published : [];
  const { incident, at } = message;
  return { incident, notice: id, thread: toThread(incident), at, published: [...new Set([...before, ...published])] };
};

/** Writes down what becomes of the messages of drills, by which the drill knows them. */
export class DrillMessages {
  private readonly items: TableItems;
  private readonly logger: Pick<Logger, 'warn'>;

  constructor(items: TableItems, logger: Pick<Logger, 'warn'>) {
    this.items = items;
    this.logger = logger;
  }

  /** Writes down an attempt to publish a message, if it is a drill's. Never rejects: the drill then hears nothing. */
  async note(entry: OutboxMessage, remaining: readonly Delivery[]): Promise<void> {
    const { cause, severity } = entry.message;
    if (!isDrill(cause)) return;
    try {
      const id = idOfDrillMessage(severity);
      const value = after(entry, remaining, await this.items.read(id, drillMessage));
      if (value) await this.items.write(id, value);
    } catch (error) {
      this.logger.warn('It could not be written down that a message of a drill was published', error as Error);
    }
  }
}
