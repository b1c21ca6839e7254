import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { idOfDeadChannel, type NotifiedChannel } from '../contract/channels.ts';
import { SECOND_MS } from '../contract/durations.ts';
import { CHANNEL_DIMENSIONS, CHANNEL_METRICS } from '../contract/metrics.ts';

interface ChannelHealthParts {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly channels: readonly NotifiedChannel[];
  readonly metrics: Pick<Metrics, 'singleMetric'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Says every minute which channels get nothing, so that their alarms last for as long as that does. */
export class ChannelHealth {
  private readonly parts: ChannelHealthParts;

  constructor(parts: ChannelHealthParts) {
    this.parts = parts;
  }

  /** `unsentMs`: for how long messages wait that a channel's queue does not take, by its name. Never rejects. */
  async report(unsentMs: Readonly<Record<string, number>>): Promise<void> {
    await Promise.all(
      this.parts.channels.map(async ({ name }) => {
        if (await this.isDead(name)) this.write(name, CHANNEL_METRICS.dead, MetricUnit.Count, 1);
        const unsent = unsentMs[name];
        if (unsent) this.write(name, CHANNEL_METRICS.unsent, MetricUnit.Seconds, unsent / SECOND_MS);
      }),
    );
  }

  private write(
    channel: string,
    name: string,
    unit: (typeof MetricUnit)[keyof typeof MetricUnit],
    value: number,
  ): void {
    const metric = this.parts.metrics.singleMetric();
    metric.addDimension(CHANNEL_DIMENSIONS.channel, channel);
    metric.addMetric(name, unit, value);
  }

  private async isDead(name: string): Promise<boolean> {
    const { client, table, logger } = this.parts;
    try {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: { id: { S: idOfDeadChannel(name) } } }),
      );
      return Item !== undefined;
    } catch (error) {
      logger.warn('It could not be read whether a channel is dead', error as Error);
      return false;
    }
  }
}
