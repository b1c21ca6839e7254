import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Journal, OpenJournal } from '../journal.ts';
import type { Message, Queue, ReceivedMessage } from './queue.ts';

const entrySchema = z.object({
  queue: z.string(),
  sentAt: z.number(),
  body: z.string(),
  receives: z.number().default(0),
  fifo: z.object({ group: z.string(), deduplication: z.string() }).optional(),
  attributes: z.record(z.string(), z.string()).optional(),
  source: z.string().optional(),
});

interface JournaledQueuesOptions {
  clock: Clock;
  openJournal: OpenJournal;
  /** Receives a description of what is lost. */
  onLoss: (description: string) => void;
}

/** Queues whose messages survive a restart. */
export class JournaledQueues {
  /** By ARN. */
  readonly queues = new Map<string, Queue>();
  private readonly journal: Journal<z.output<typeof entrySchema>>;
  private readonly onLoss: (description: string) => void;
  private readonly clock: Clock;

  constructor({ clock, openJournal, onLoss }: JournaledQueuesOptions) {
    this.clock = clock;
    this.journal = openJournal('sqs-messages', entrySchema);
    this.onLoss = onLoss;
  }

  /** Throws `AwsError` when there is no such queue. */
  find(arn: string): Queue {
    const queue = this.queues.get(arn);
    if (queue) return queue;
    throw new AwsError('AWS.SimpleQueueService.NonExistentQueue', `There is no queue ${arn}`);
  }

  add(queue: Queue, message: Message): void {
    this.save(queue, message);
    queue.add(message);
  }

  remove(queue: Queue, messages: readonly Message[]): void {
    const ids = messages.map(({ id }) => id);
    queue.remove(ids);
    this.journal.remove(ids);
  }

  /** Receives visible messages. What was received too often before goes to the dead-letter queue instead. */
  receive(queue: Queue, max: number): ReceivedMessage[] {
    this.removeExpired(queue);
    this.redrive(queue);
    const received = queue.receive(max);
    for (const message of received) this.save(queue, message);
    return received;
  }

  /** Moves a message. One that is moved to a FIFO queue is as old there as its time in that queue. */
  move(queue: Queue, target: Queue, { id, sentAt, body, fifo, attributes }: Message): void {
    queue.remove([id]);
    this.add(target, {
      id,
      sentAt: target.isFifo ? this.clock.now() : sentAt,
      body,
      receives: 0,
      fifo,
      attributes,
      source: queue.arn,
    });
  }

  removeExpired(queue: Queue): void {
    this.remove(queue, queue.expired());
  }

  /** Gives each queue the messages that were in it before a restart. */
  resume(): void {
    const byName = new Map([...this.queues.values()].map((queue) => [queue.name, queue]));
    for (const [id, { queue: name, ...message }] of this.journal.left) {
      const queue = byName.get(name);
      if (queue) queue.add({ id, ...message });
      else {
        this.journal.remove([id]);
        this.onLoss(`a message is lost: the queue ${name} no longer exists`);
      }
    }
  }

  private save(queue: Queue, { id, sentAt, body, receives, fifo, attributes, source }: Message): void {
    this.journal.put(id, { queue: queue.name, sentAt, body, receives, fifo, attributes, source });
  }

  /** SQS does it itself and needs no permission. */
  private redrive(queue: Queue): void {
    const target = queue.redrive && this.find(queue.redrive.target);
    if (!target) return;
    for (const message of queue.exhausted()) this.move(queue, target, message);
  }
}
