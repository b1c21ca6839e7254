import { DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { type ChannelThread, channelThread, type DeliveredNotice } from '../contract/channel-thread.ts';
import { idOfDeadChannel } from '../contract/channels.ts';
import { DAY_MS, SECOND_MS } from '../contract/durations.ts';
import { idOfThread, TableItems } from '../monitoring/table-items.ts';

/** That no attempt on a channel will succeed until somebody changes something. */
export interface DeadChannel {
  /** Of the settings and the secret with which it was found dead. */
  readonly fingerprint: string;
  readonly reason: string;
  /** When it was found dead, and when it was tried last, in milliseconds since 1970. */
  readonly since: number;
  readonly triedAt: number;
}

export const NO_THREAD: ChannelThread = { delivered: [] };

/** Longer than an incident that anybody still follows. */
const THREAD_LIFE_MS = 30 * DAY_MS;
/** A queue delivers a message again within minutes, and people replay dead letters of a few days. */
const MAX_DELIVERED = 20;

const deadChannel = z.object({ fingerprint: z.string(), reason: z.string(), since: z.number(), triedAt: z.number() });

/** Adds a notice to what a channel has taken. */
export const addDelivered = (
  { reference, delivered }: ChannelThread,
  notice: DeliveredNotice,
  newReference?: string,
): ChannelThread => ({
  reference: newReference ?? reference,
  delivered: [...delivered, notice].slice(-MAX_DELIVERED),
});

/**
 * What must be remembered from one delivery to the next, in items of the notifier's table. What cannot be read of an item
 * is as if it were not there.
 */
export class ChannelState {
  private readonly client: DynamoDBClient;
  private readonly table: string;
  private readonly items: TableItems;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
    this.items = new TableItems(client, table);
  }

  readDead(channel: string): Promise<DeadChannel | undefined> {
    return this.items.read(idOfDeadChannel(channel), deadChannel);
  }

  writeDead(channel: string, dead: DeadChannel): Promise<void> {
    return this.items.write(idOfDeadChannel(channel), dead);
  }

  async forgetDead(channel: string): Promise<void> {
    await this.client.send(
      new DeleteItemCommand({ TableName: this.table, Key: { id: { S: idOfDeadChannel(channel) } } }),
    );
  }

  async readThread(channel: string, name: string): Promise<ChannelThread> {
    return (await this.items.read(idOfThread(channel, name), channelThread)) ?? NO_THREAD;
  }

  writeThread(channel: string, name: string, value: ChannelThread, now: number): Promise<void> {
    return this.items.write(idOfThread(channel, name), value, Math.ceil((now + THREAD_LIFE_MS) / SECOND_MS));
  }
}
