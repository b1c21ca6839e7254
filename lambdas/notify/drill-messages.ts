import type { Logger } from '@aws-lambda-powertools/logger';
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { channelWay, type DrillMessage, drillMessage, idOfDrillMessage, topicWay } from '../contract/drill.ts';
import { parseJson } from '../contract/parse-json.ts';
import { isDrill } from './incidents/causes.ts';
import { isEnd } from './incidents/incident.ts';
import { type Delivery, isForTopic, type OutboxMessage } from './outbox/outbox.ts';
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
  private readonly client: DynamoDBClient;
  private readonly table: string;
  private readonly logger: Pick<Logger, 'warn'>;

  constructor(client: DynamoDBClient, table: string, logger: Pick<Logger, 'warn'>) {
    this.client = client;
    this.table = table;
    this.logger = logger;
  }

  /** Writes down an attempt to publish a message, if it is a drill's. Never rejects: the drill then hears nothing. */
  async note(entry: OutboxMessage, remaining: readonly Delivery[]): Promise<void> {
    const { cause, severity } = entry.message;
    if (!isDrill(cause)) return;
    try {
      const id = { S: idOfDrillMessage(severity) };
      const { Item } = await this.client.send(new GetItemCommand({ TableName: this.table, Key: { id } }));
      const known = drillMessage.safeParse(parseJson(Item?.value?.S ?? '')).data;
      const value = after(entry, remaining, known);
      if (value === undefined) return;
      const written = { id, value: { S: JSON.stringify(value) } };
      await this.client.send(new PutItemCommand({ TableName: this.table, Item: written }));
    } catch (error) {
      this.logger.warn('It could not be written down that a message of a drill was published', error as Error);
    }
  }
}
