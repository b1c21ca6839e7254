import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** What orders the messages of a FIFO queue, and keeps one from being in it twice. */
export interface FifoKeys {
  /** Messages of a group are received in order, and none of it while an earlier one is being worked on. */
  group: string;
  deduplication: string;
}

/** A message in a queue. */
export interface Message {
  id: string;
  sentAt: number;
  body: string;
  /** How often it has been received. */
  receives: number;
  /** In a FIFO queue. */
  fifo?: FifoKeys | undefined;
  /** Texts that its sender attached to it. */
  attributes?: Readonly<Record<string, string>> | undefined;
  /** The ARN of the queue that it was put aside from. */
  source?: string | undefined;
}

/** A message that somebody has received, who must delete it by its receipt before it becomes visible again. */
export interface ReceivedMessage extends Message {
  receipt: string;
}

export interface QueuedMessage extends Message {
  /** Until then nobody else receives it. */
  invisibleUntil: number;
  receipt: string | undefined;
  receivedAt: number;
}

/** Where messages go that were received too often and not deleted. */
export interface Redrive {
  /** The ARN of the dead-letter queue. */
  target: string;
  maxReceives: number;
}

interface QueueOptions {
  name: string;
  arn: string;
  isFifo: boolean;
  retentionMs: number;
  /** How long a received message stays invisible. */
  visibilityMs: number;
  redrive: Redrive | undefined;
  clock: Clock;
}

/** The messages of one queue, oldest first, and who waits for them. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly isFifo: boolean;
  readonly redrive: Redrive | undefined;
  private readonly options: QueueOptions;
  private messages: QueuedMessage[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(options: QueueOptions) {
    this.options = options;
    this.name = options.name;
    this.arn = options.arn;
    this.isFifo = options.isFifo;
    this.redrive = options.redrive;
  }

  add(message: Message): void {
    this.messages.push({ ...message, invisibleUntil: 0, receipt: undefined, receivedAt: 0 });
    this.announce();
  }

  /** Calls the listener whenever a message becomes visible; the returned function ends this. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    if (this.receivable().length > 0) listener();
    return () => this.listeners.delete(listener);
  }

  /** Receives visible messages: each then stays invisible for a while. */
  receive(max: number): ReceivedMessage[] {
    const { clock, visibilityMs } = this.options;
    const receivedAt = clock.now();
    const received = this.receivable().slice(0, max);
    for (const message of received)
      Object.assign(message, {
        receipt: randomUUID(),
        receives: message.receives + 1,
        receivedAt,
        invisibleUntil: receivedAt + visibilityMs,
      });
    // Begun last: it must not end before they are visible, because nothing announces them again.
    if (received.length > 0) clock.after(visibilityMs, () => this.announce());
    return received.map((message) => ({ ...message, receipt: message.receipt ?? '' }));
  }

  /** Lets a message become visible so long from now. */
  setInvisible(id: string, ms: number): void {
    const { clock } = this.options;
    for (const message of this.messages.filter((each) => each.id === id)) message.invisibleUntil = clock.now() + ms;
    clock.after(ms, () => this.announce());
  }

  /** The messages that would be received, but were received too often already. */
  exhausted(): Message[] {
    const { redrive } = this;
    return redrive ? this.receivable().filter(({ receives }) => receives >= redrive.maxReceives) : [];
  }

  withReceipt(receipt: string): QueuedMessage | undefined {
    return this.messages.find((message) => message.receipt === receipt);
  }

  /** Whether somebody has received the message and still has time to work on it. */
  isInFlight({ invisibleUntil }: QueuedMessage): boolean {
    return invisibleUntil > this.options.clock.now();
  }

  remove(ids: readonly string[]): void {
    this.messages = this.messages.filter(({ id }) => !ids.includes(id));
    // What follows in a group can be received now.
    if (this.isFifo) this.announce();
  }

  expired(): Message[] {
    const { clock, retentionMs } = this.options;
    return this.messages.filter(({ sentAt }) => clock.now() - sentAt >= retentionMs);
  }

  all(): readonly Message[] {
    return this.messages;
  }

  visible(): QueuedMessage[] {
    return this.messages.filter((message) => !this.isInFlight(message));
  }

  /** Those that the next receiver gets: in a FIFO queue none of a group of which one is being worked on. */
  private receivable(): QueuedMessage[] {
    if (!this.isFifo) return this.visible();
    const busy = new Set(this.messages.filter((message) => this.isInFlight(message)).map(({ fifo }) => fifo?.group));
    return this.messages.filter(({ fifo }) => !busy.has(fifo?.group));
  }

  private announce(): void {
    if (this.receivable().length > 0) for (const listener of this.listeners) listener();
  }
}
