import type { Logger } from '@aws-lambda-powertools/logger';
import type { ChannelThread, DeliveredNotice } from '../contract/channel-thread.ts';
import { CONCURRENT_DELIVERIES, type DeliveredChannel } from '../contract/channels.ts';
import { SECOND_MS } from '../contract/durations.ts';
import { type Notice, noticeSchema } from '../contract/notice.ts';
import { parseJson } from '../contract/parse-json.ts';
import { type Attempted, type Delivered, deliverNotice } from './attempt.ts';
import { addDelivered, type ChannelState, type DeadChannel, NO_THREAD } from './channel-state.ts';
import type { ChannelRequest } from './channels/channel.ts';
import type { OpenChannel } from './channels/channels.ts';
import type { LoadedChannel, OpenChannels } from './open-channels.ts';
import { Pacer } from './pacer.ts';
import type { QueuedRecord, Queues } from './queues.ts';
import { DEAD_RETRY_MS, waitMsAfter } from './schedule.ts';
import type { SendOptions, SendResult } from './send.ts';

export interface DelivererParts {
  readonly channels: readonly DeliveredChannel[];
  readonly opened: Pick<OpenChannels, 'load' | 'renew'>;
  readonly state: Pick<ChannelState, 'readDead' | 'writeDead' | 'forgetDead' | 'readThread' | 'writeThread'>;
  readonly queues: Pick<Queues, 'hide' | 'putAside'>;
  readonly send: (request: ChannelRequest, options: SendOptions) => Promise<SendResult>;
  /** Writes the record of an attempt. */
  readonly onAttempted: (channel: DeliveredChannel, notice: Notice, attempted: Attempted, receives: number) => void;
  /** Reports a channel that is dead, for its alarm. */
  readonly onDead: (channel: DeliveredChannel) => void;
  readonly logger: Pick<Logger, 'error' | 'warn' | 'info'>;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** A notice on its way to a channel. */
interface QueuedNotice {
  readonly channel: DeliveredChannel;
  readonly record: QueuedRecord;
  readonly notice: Notice;
  readonly dead: DeadChannel | undefined;
  readonly thread: ChannelThread;
  readonly receives: number;
}

/** No request begins with less time left. */
const MIN_REQUEST_MS = 2 * SECOND_MS;
/** Of the time left, for everything after a request. */
const RESERVE_MS = 4 * SECOND_MS;
const REQUEST_MS = 10 * SECOND_MS;

const NO_TIME: SendResult = {
  failure: { type: 'no_time', reason: 'No time was left for a request', isLasting: false },
};

/** Delivers notices from the queues of channels. */
export class Deliverer {
  private readonly parts: DelivererParts;
  private readonly now: () => number;
  private readonly random: () => number;

  constructor(parts: DelivererParts) {
    this.parts = parts;
    this.now = parts.now ?? Date.now;
    this.random = parts.random ?? Math.random;
  }

  /**
   * Delivers a batch, and resolves to the ids of those that stay in the queue. After one that stays, no other of its group
   * is begun, so that what is about one thing arrives in order. Never rejects. No request takes longer than `until`.
   */
  async deliverRecords(records: readonly QueuedRecord[], until: number): Promise<string[]> {
    const staying: string[] = [];
    const blocked = new Set<string>();
    for (const record of records) {
      const group = `${record.eventSourceARN} ${record.attributes.MessageGroupId ?? ''}`;
      const isDone = !blocked.has(group) && (await this.deliverRecord(record, until));
      if (isDone) continue;
      blocked.add(group);
      staying.push(record.messageId);
    }
    return staying;
  }

  /** Resolves to whether the record may leave the queue. Never rejects. */
  private async deliverRecord(record: QueuedRecord, until: number): Promise<boolean> {
    const { channels, logger, queues } = this.parts;
    const channel = channels.find(({ queue }) => queue === record.eventSourceARN);
    try {
      if (!channel) throw new Error(`No channel has the queue ${record.eventSourceARN}.`);
      const parsed = noticeSchema.safeParse(parseJson(record.body));
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const where = issue?.path.join('.');
        await queues.putAside(channel, record, `It is no notice: ${where ? `${where}: ` : ''}${issue?.message}`);
        return true;
      }
      return await this.deliver(await this.begin(channel, record, parsed.data), until);
    } catch (error) {
      logger.error('A message could not be handled', error as Error);
      if (channel)
        await this.hide(channel, record, waitMsAfter({ receives: receivesOf(record), random: this.random() }));
      return false;
    }
  }

  /** A channel is written to also while nothing can be remembered: as if it had shown nothing yet. */
  private async begin(channel: DeliveredChannel, record: QueuedRecord, notice: Notice): Promise<QueuedNotice> {
    const { state, logger } = this.parts;
    const warn = (error: unknown) => {
      logger.warn('What a channel has shown could not be read', error as Error);
      return undefined;
    };
    const [dead, thread = NO_THREAD] = await Promise.all([
      state.readDead(channel.name).catch(warn),
      state.readThread(channel.name, notice.thread).catch(warn),
    ]);
    return { channel, record, notice, dead, thread, receives: receivesOf(record) };
  }

  private async deliver(queued: QueuedNotice, until: number): Promise<boolean> {
    const { channel, notice, dead, thread } = queued;
    // The queue may hand over again what was delivered.
    if (thread.delivered.some(({ id }) => id === notice.id)) return true;
    const { opened, sleep } = this.parts;
    let loaded = await opened.load(channel);
    const isStillDead = () => dead !== undefined && dead.fingerprint === loaded.fingerprint;
    if (isStillDead() && (await opened.renew(channel))) loaded = await opened.load(channel);
    if (dead && isStillDead() && this.now() < dead.triedAt + DEAD_RETRY_MS)
      return await this.waitForChannel(queued, dead);
    if ('problem' in loaded) {
      const kind = loaded.isLasting ? ('dead' as const) : ('later' as const);
      return await this.settle(queued, { kind, reason: loaded.problem }, loaded.fingerprint);
    }
    const pacer = new Pacer(loaded.open.minIntervalMs * CONCURRENT_DELIVERIES, this.now, sleep);
    const { delivered, fingerprint } = await this.request(queued, loaded, pacer, until);
    const isDone = await this.settle(queued, delivered, fingerprint);
    await pacer.rest();
    return isDone;
  }

  /** The fingerprint is of the secret that was used last. */
  private async request(
    { channel, notice, thread, receives }: QueuedNotice,
    loaded: LoadedChannel,
    pacer: Pacer,
    until: number,
  ): Promise<{ delivered: Delivered; fingerprint: string }> {
    const { send, opened, onAttempted } = this.parts;
    let { fingerprint } = loaded;
    const sendInTime = async (request: ChannelRequest): Promise<SendResult> => {
      const timeoutMs = Math.min(REQUEST_MS, until - RESERVE_MS - this.now());
      if (timeoutMs < MIN_REQUEST_MS) return NO_TIME;
      return send(request, { allowPrivateAddresses: channel.allowPrivateAddresses, timeoutMs });
    };
    const renew = async (): Promise<OpenChannel | undefined> => {
      if (!(await opened.renew(channel))) return undefined;
      const renewed = await opened.load(channel);
      fingerprint = renewed.fingerprint;
      return 'problem' in renewed ? undefined : renewed.open;
    };
    const delivered = await deliverNotice(notice, {
      channel: loaded.open,
      reference: thread.reference,
      send: sendInTime,
      renew,
      pace: () => pacer.next(),
      now: this.now,
      onAttempted: (attempted) => onAttempted(channel, notice, attempted, receives),
    });
    return { delivered, fingerprint };
  }

  private async settle(queued: QueuedNotice, delivered: Delivered, fingerprint: string): Promise<boolean> {
    const { channel, record, receives } = queued;
    const { queues, logger } = this.parts;
    switch (delivered.kind) {
      case 'posted':
      case 'accepted':
        await this.remember(queued, delivered.kind, delivered.reference);
        return true;
      case 'nothing':
        return true;
      case 'unacceptable':
        await queues.putAside(channel, record, delivered.reason);
        return true;
      case 'dead':
        return await this.markDead(queued, delivered.reason, fingerprint);
      default: {
        const afterMs = 'afterMs' in delivered ? delivered.afterMs : undefined;
        const waitMs = waitMsAfter({ receives, afterMs, random: this.random() });
        logger.warn('A notice could not be delivered and waits', {
          ...about(queued),
          reason: delivered.reason,
          waitMs,
        });
        await this.hide(channel, record, waitMs);
        return false;
      }
    }
  }

  /** What was taken is taken: where it cannot be written down, the queue may deliver it twice. */
  private async remember(
    { channel, notice, thread, dead }: QueuedNotice,
    level: DeliveredNotice['level'],
    reference: string | undefined,
  ): Promise<void> {
    const { state, logger } = this.parts;
    const next = addDelivered(thread, { id: notice.id, level, at: this.now() }, reference);
    try {
      await Promise.all([
        state.writeThread(channel.name, notice.thread, next, this.now()),
        ...(dead ? [state.forgetDead(channel.name)] : []),
      ]);
      if (dead) logger.info('A channel works again', { channel: channel.name });
    } catch (error) {
      logger.warn('It could not be written down that a notice was delivered', error as Error);
    }
  }

  /** Writes down that the channel is dead, and keeps the notice. */
  private async markDead(queued: QueuedNotice, reason: string, fingerprint: string): Promise<boolean> {
    const { state, logger, onDead } = this.parts;
    const { channel, dead } = queued;
    const now = this.now();
    logger.error('A channel is dead: no notice reaches it until somebody changes it', { ...about(queued), reason });
    onDead(channel);
    const written = { fingerprint, reason, since: dead?.since ?? now, triedAt: now };
    await state.writeDead(channel.name, written).catch((error: unknown) => {
      logger.warn('It could not be written down that a channel is dead', error as Error);
    });
    return await this.waitForChannel(queued, written);
  }

  private async waitForChannel({ channel, record }: QueuedNotice, { triedAt }: DeadChannel): Promise<boolean> {
    const waitMs = Math.max(0, triedAt + DEAD_RETRY_MS - this.now());
    await this.hide(channel, record, waitMs + this.random() * 60 * SECOND_MS);
    return false;
  }

  /** Where it cannot be hidden for that long, it comes back when the queue's own time is over. */
  private async hide(channel: DeliveredChannel, record: QueuedRecord, ms: number): Promise<void> {
    try {
      await this.parts.queues.hide(channel, record, ms);
    } catch (error) {
      this.parts.logger.warn('A message could not be hidden until its next attempt', error as Error);
    }
  }
}

const about = ({ channel, notice, receives }: QueuedNotice) => ({ channel: channel.name, notice: notice.id, receives });

const receivesOf = ({ attributes }: QueuedRecord): number => Number(attributes.ApproximateReceiveCount) || 1;
