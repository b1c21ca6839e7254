import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Journal, OpenJournal } from '../journal.ts';
import {
  attemptUntilDone,
  destinationKeyOf,
  formatDestinationRecord,
  type Progress,
  progressSchema,
  startProgress,
} from './async.ts';
import { type LambdaFunction, putFunctionMetric, type Run, type RunContext, runOnce } from './run.ts';

const eventSchema = z.object({
  /** The function's name. */
  name: z.string(),
  qualifier: z.string().optional(),
  event: z.string(),
  clientContext: z.unknown().optional(),
  progress: progressSchema,
});
type QueuedEvent = z.infer<typeof eventSchema>;

/** Stores the record of a dropped event in the function's destination, if it has one. */
const sendToDestination = (context: RunContext, fn: LambdaFunction, id: string, record: string): void => {
  const { clock, metrics, s3, onLoss } = context;
  const { onFailure } = fn.asynchronous;
  if (!onFailure) return;
  const bucket = onFailure.split(':::')[1] ?? '';
  const { role } = fn.latest.configuration;
  try {
    // Lambda needs s3:ListBucket as well; no key begins with a NUL, so this lists nothing.
    s3.list({ role }, bucket, '\0');
    s3.put({ role }, bucket, destinationKeyOf(fn.name, clock.now(), id), record);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    putFunctionMetric(metrics, fn.name, 'DestinationDeliveryFailures', 1);
    onLoss(`an event of ${fn.name} could not be stored: ${error.message}`);
  }
};

/** Runs functions for events that nobody waits for. An event that is accepted survives a restart until it is done. */
export class AsyncQueue {
  private readonly context: RunContext;
  private readonly journal: Journal<QueuedEvent>;
  /** Ends every wait when the queue stops: the events then go on after the next start. */
  private readonly waits = new Set<() => void>();
  private isStopped = false;

  constructor(context: RunContext, openJournal: OpenJournal) {
    this.context = context;
    this.journal = openJournal('lambda-events', eventSchema);
  }

  /** Accepts an event. */
  accept(fn: LambdaFunction, run: Run): void {
    const { clock, metrics } = this.context;
    const progress = startProgress(clock.now());
    this.save(fn, run, progress);
    putFunctionMetric(metrics, fn.name, 'AsyncEventsReceived', 1);
    this.begin(fn, run, progress);
  }

  /** Goes on with the events that an earlier process accepted, each with its id, its failed attempts and its age. */
  resume(): void {
    const { functions, onLoss } = this.context;
    for (const [id, { name, progress, ...run }] of this.journal.left) {
      const fn = functions.get(name);
      if (fn) this.begin(fn, { ...run, qualifier: run.qualifier, id }, progress);
      else {
        this.journal.remove([id]);
        onLoss(`an event of ${name} is lost: the function no longer exists`);
      }
    }
  }

  stop(): void {
    this.isStopped = true;
    for (const cancel of this.waits) cancel();
  }

  private save({ name }: LambdaFunction, { id, qualifier, event, clientContext }: Run, progress: Progress): void {
    this.journal.put(id, { name, qualifier, event, clientContext, progress });
  }

  private begin(fn: LambdaFunction, run: Run, progress: Progress): void {
    if (this.isStopped) return;
    this.process(fn, run, progress)
      .catch((error: unknown) => {
        if (!this.isStopped) this.context.onLoss(`an event of ${fn.name} is lost: ${error}`);
      })
      .finally(() => this.journal.remove([run.id]));
  }

  /** Runs the function until it succeeds or the event is dropped. Never settles when the queue stops before that. */
  private async process(fn: LambdaFunction, run: Run, progress: Progress): Promise<void> {
    const { context } = this;
    const attempts = {
      clock: this.cancellableClock(),
      config: fn.asynchronous,
      attempt: async (ageMs: number) => {
        putFunctionMetric(context.metrics, fn.name, 'AsyncEventAge', ageMs);
        const result = await runOnce(context, fn, run);
        // A stop ends processes: what they were doing is not done, and did not fail.
        return this.isStopped ? new Promise<never>(() => {}) : result;
      },
      onProgress: (next: Progress) => this.save(fn, run, next),
    };
    const dropped = await attemptUntilDone(attempts, progress);
    if (!dropped) return;
    putFunctionMetric(context.metrics, fn.name, 'AsyncEventsDropped', 1);
    const record = formatDestinationRecord(context.clock.now(), { id: run.id, arn: fn.arn, event: run.event }, dropped);
    sendToDestination(context, fn, run.id, record);
  }

  private cancellableClock(): Clock {
    const { clock } = this.context;
    return {
      now: clock.now,
      after: (ms, work) => {
        if (this.isStopped) return () => {};
        const cancel = clock.after(ms, () => {
          this.waits.delete(cancel);
          return work();
        });
        this.waits.add(cancel);
        return cancel;
      },
    };
  }
}
