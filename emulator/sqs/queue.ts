import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** A message in a queue. */
export interface Message {
  id: string;
  sentAt: number;
  body: string;
  /** How often it has been received. */
  receives: number;
}

/** A message that somebody has received, who must delete it by its receipt before it becomes visible again. */
export interface ReceivedMessage extends Message {
  receipt: string;
}

interface QueuedMessage extends Message {
  /** Until then nobody else receives it. */
  invisibleUntil: number;
  receipt: string | undefined;
}

/** Where messages go that were received too often and not deleted. */
export interface Redrive {
  /** The ARN of the dead-letter queue. */
  target: string;
  maxReceives: number;
}

interface QueueOptions {
  name: string;
  retentionMs: number;
  /** How long a received message stays invisible. */
  visibilityMs: number;
  redrive: Redrive | undefined;
  clock: Clock;
}

/** The messages of one queue, oldest first, and who waits for them. */
export class Queue {
  readonly name: string;
  readonly redrive: Redrive | undefined;
  private readonly options: QueueOptions;
  private messages: QueuedMessage[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(options: QueueOptions) {
    this.options = options;
    this.name = options.name;
    this.redrive = options.redrive;
  }

  add(message: Message): void {
    this.messages.push({ ...message, invisibleUntil: 0, receipt: undefined });
    this.announce();
  }

  /** Calls the listener whenever a message becomes visible; the returned function ends this. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    if (this.visible().length > 0) listener();
    return () => this.listeners.delete(listener);
  }

  /** Receives visible messages: each then stays invisible for a while. */
  receive(max: number): ReceivedMessage[] {
    const { clock, visibilityMs } = this.options;
    const received = this.visible().slice(0, max);
    if (received.length > 0) clock.after(visibilityMs, () => this.announce());
    return received.map((message) => {
      const receipt = randomUUID();
      Object.assign(message, {
        receipt,
        receives: message.receives + 1,
        invisibleUntil: clock.now() + visibilityMs,
      });
      return { ...message, receipt };
    });
  }

  /** The visible messages that were received too often already. */
  exhausted(): Message[] {
    const { redrive } = this;
    return redrive ? this.visible().filter(({ receives }) => receives >= redrive.maxReceives) : [];
  }

  withReceipt(receipt: string): Message | undefined {
    return this.messages.find((message) => message.receipt === receipt);
  }

  remove(ids: readonly string[]): void {
    this.messages = this.messages.filter(({ id }) => !ids.includes(id));
  }

  expired(): Message[] {
    const { clock, retentionMs } = this.options;
    return this.messages.filter(({ sentAt }) => clock.now() - sentAt >= retentionMs);
  }

  all(): readonly Message[] {
    return this.messages;
  }

  visible(): QueuedMessage[] {
    const now = this.options.clock.now();
    return this.messages.filter(({ invisibleUntil }) => invisibleUntil <= now);
  }

  private announce(): void {
    if (this.visible().length > 0) for (const listener of this.listeners) listener();
  }
}
