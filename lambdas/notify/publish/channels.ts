import { createHash, randomUUID } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import { isDrill } from '../../contract/alarms/alarm-name.ts';
import { PROVING_TYPES } from '../../contract/channel-settings.ts';
import type { NotifiedChannel } from '../../contract/channels.ts';
import type { Notice } from '../../contract/notice.ts';
import { MAX_LINES } from '../../contract/notices/notice-limits.ts';
import { toQueueBody } from '../../contract/notices/queue-body.ts';
import type { Severity } from '../../contract/severity.ts';
import type { Topology } from '../incidents/causes.ts';
import { type IncidentMessage, isEnd } from '../incidents/incident.ts';
import type { ChannelDelivery } from '../outbox/deliveries.ts';
import type { OutboxMessage } from '../outbox/outbox.ts';
import { allowsRule, allowsTenant, allowsType, findAudience, findAudienceOf } from './audience.ts';
import { forwardedNotice, plainNotice } from './plain-notice.ts';
import type { SendToQueue } from './send-to-queue.ts';

interface ChannelsParts {
  readonly send: SendToQueue;
  readonly channels: readonly NotifiedChannel[];
  readonly place: Notice['place'];
  readonly logger: Pick<Logger, 'warn'>;
}

/** What SQS takes as the id of a group. */
const GROUP = /^[!-~]{1,128}$/;
/** Far below what SQS takes, and far above what a notice has. In bytes. */
const MAX_BODY = 200_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Notices about one thing are in one group, so that a channel gets them in order. */
const groupOf = (thread: string): string =>
  GROUP.test(thread) ? thread : createHash('sha256').update(thread).digest('hex');

/** A notice as a message of a queue, without what makes it too large. */
export const toQueueMessage = (notice: Notice): string => {
  const forms: Notice[] = [notice, { ...notice, facts: {} }, { ...notice, facts: {}, links: [] }];
  const bodies = forms.map(toQueueBody);
  return bodies.find((body) => Buffer.byteLength(body) <= MAX_BODY) ?? bodies.at(-1) ?? '';
};

/** A drill's notice: a channel that cannot prove that people see it asks them. */
const askToConfirm = (notice: Notice, { name, type }: NotifiedChannel): Notice => {
  if (PROVING_TYPES.includes(type) || notice.state !== 'open') return notice;
  const question = `Nothing but you proves that this is seen here. Say so: npx toolwatch drill --confirm ${name}`;
  return { ...notice, lines: [question, ...notice.lines].slice(0, MAX_LINES) };
};

/** Whether a channel may get what a notice says. */
const mayGet = ({ name, filter }: NotifiedChannel, notice: Notice): boolean =>
  allowsTenant(filter, notice) && allowsRule(name, notice);

/** The queues of channels, as the notifier sends to them. */
export class Channels {
  private readonly parts: ChannelsParts;

  constructor(parts: ChannelsParts) {
    this.parts = parts;
  }

  /** The names of the channels that get a message, of which some know of its incident already. */
  find(message: IncidentMessage, informed: readonly string[] | undefined, tools: Topology['tools']): string[] {
    return findAudience(this.parts.channels, message, informed, tools);
  }

  /**
   * Whether a channel may show how many incidents there are. One of some tenants may not, whatever it may get of each: it
   * gets those one by one, as fast as it takes them.
   */
  takesDigests(name: string): boolean {
    return this.parts.channels.some((channel) => channel.name === name && channel.filter.tenants === undefined);
  }

  /** Whether a channel shows what is of one of these types. */
  shows(name: string, types: readonly string[]): boolean {
    return this.parts.channels.some((channel) => channel.name === name && allowsType(channel.filter, types));
  }

  /** The names of the channels that get a notice which is not about an incident. */
  findForNotice(notice: Notice): string[] {
    return findAudienceOf(this.parts.channels, notice).map(({ name }) => name);
  }

  /** Sends a notice to a channel. Rejects when its queue does not take it. One to a channel that is gone is done. */
  async deliverNotice(name: string, notice: Notice): Promise<void> {
    const channel = this.parts.channels.find((each) => each.name === name);
    if (channel) await this.send(channel, notice);
  }

  /**
   * Sends a message as its notice says it, or, where there is none, in its plainest form. So is the end of an incident
   * that the channel knows of, when the channel may not get what its notice says, such as the figures of all tenants.
   * Resolves to whether the message was sent. Rejects when the channel's queue does not take it. One to a channel that
   * is gone is done.
   */
  async deliver(message: OutboxMessage, delivery: ChannelDelivery, notice: Notice | undefined): Promise<boolean> {
    const { channels, place, logger } = this.parts;
    const { name } = delivery.channel;
    const channel = channels.find((each) => each.name === name);
    if (!channel) {
      logger.warn('A message was for a channel that is no longer in the settings', { channel: name, id: message.id });
      return true;
    }
    const plain = plainNotice(message, delivery, place);
    if (isDrill(message.message.cause)) await this.enqueue(channel, askToConfirm(notice ?? plain, channel));
    else if (mayGet(channel, notice ?? plain)) await this.enqueue(channel, notice ?? plain);
    else if (isEnd(message.message.kind) && delivery.isInformed) await this.enqueue(channel, plain);
    else return false;
    return true;
  }

  /**
   * Sends what is not the notification of an alarm to each channel that may be about anything. Rejects when a queue does
   * not take it, after the others had it.
   */
  async forward(messageId: string, severity: Severity, subject: string, text: string, now: number): Promise<void> {
    const id = UUID.test(messageId) ? messageId : randomUUID();
    const notice = forwardedNotice(id, { severity, subject, text }, this.parts.place, now);
    const results = await Promise.allSettled(
      this.findForNotice(notice).map((channel) => this.deliverNotice(channel, notice)),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async send(channel: NotifiedChannel, notice: Notice): Promise<void> {
    if (mayGet(channel, notice)) await this.enqueue(channel, notice);
  }

  private async enqueue({ queueUrl }: NotifiedChannel, notice: Notice): Promise<void> {
    await this.parts.send({
      QueueUrl: queueUrl,
      MessageBody: toQueueMessage(notice),
      MessageGroupId: groupOf(notice.thread),
      MessageDeduplicationId: notice.id,
    });
  }
}
