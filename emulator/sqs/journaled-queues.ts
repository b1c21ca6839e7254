import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import type { Journal, OpenJournal } from '../journal.ts';
import type { Message, Queue, ReceivedMessage } from './queue.ts';

const entrySchema = z.object({
  queue: z.string(),
  sentAt: z.number(),
  body: z.string(),
  receives: z.number().default(0),
});

interface JournaledQueuesOptions {
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

  constructor({ openJournal, onLoss }: JournaledQueuesOptions) {
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

  private save(queue: Queue, { id, sentAt, body, receives }: Message): void {
    this.journal.put(id, { queue: queue.name, sentAt, body, receives });
  }

  /** SQS does it itself and needs no permission. */
  private redrive(queue: Queue): void {
    const target = queue.redrive && this.find(queue.redrive.target);
    if (!target) return;
    for (const { id, sentAt, body } of queue.exhausted()) {
      queue.remove([id]);
      this.add(target, { id, sentAt, body, receives: 0 });
    }
  }
}
