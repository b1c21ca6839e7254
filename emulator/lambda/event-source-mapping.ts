import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import { type Clock, MINUTE_MS } from '../clock.ts';
import { type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import type { Principal } from '../iam/policy.ts';
import { arnOf, type Place } from '../place.ts';
import type { ReceivedMessage } from '../sqs/queue.ts';
import type { Sqs } from '../sqs/sqs.ts';
import type { InvocationResult } from './environment.ts';
import type { Lambda } from './lambda.ts';

const mappingProperties = z.strictObject({
  EventSourceArn: z.string().regex(/:sqs:/, 'the emulator supports only queues as event sources'),
  FunctionName: z.string(),
  BatchSize: z.int().min(1).max(10_000).default(10),
  MaximumBatchingWindowInSeconds: z.int().min(0).max(300).default(0),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  ScalingConfig: z.strictObject({ MaximumConcurrency: z.int().min(2).max(1_000) }).optional(),
  Enabled: z.boolean().default(true),
  Tags: z.unknown().optional(),
});
type MappingProperties = z.output<typeof mappingProperties>;

export interface EventSourceMappingOptions {
  place: Place;
  clock: Clock;
  lambda: Pick<Lambda, 'functionOf' | 'runForEventSource'>;
  sqs: Pick<Sqs, 'listen' | 'receive' | 'delete'>;
}

/** Without a limit in the mapping Lambda runs up to this many batches of a queue at the same time. */
const DEFAULT_CONCURRENCY = 1_000;
/** A batch with more than ten messages needs a batching window. */
const MAX_WITHOUT_WINDOW = 10;

const toRecord = ({ region }: Place, queueArn: string, message: ReceivedMessage) => ({
  messageId: message.id,
  receiptHandle: message.receipt,
  body: message.body,
  attributes: {
    ApproximateReceiveCount: String(message.receives),
    SentTimestamp: String(message.sentAt),
    ...(message.fifo && { MessageGroupId: message.fifo.group, MessageDeduplicationId: message.fifo.deduplication }),
  },
  messageAttributes: Object.fromEntries(
    Object.entries(message.attributes ?? {}).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
  ),
  eventSource: 'aws:sqs',
  eventSourceARN: queueArn,
  awsRegion: region,
});

const batchResponse = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/**
 * The messages that were processed: all of a batch whose function succeeded, without those that it reports as failed. A
 * report that cannot be read, or that names an unknown message, counts as a failure of the whole batch.
 */
const processedOf = (
  { failed, payload }: InvocationResult,
  messages: readonly ReceivedMessage[],
  readsReport: boolean,
): readonly ReceivedMessage[] => {
  if (failed) return [];
  if (!readsReport) return messages;
  const answer: unknown = JSON.parse(payload || 'null');
  if (answer === null || (typeof answer === 'object' && Object.keys(answer).length === 0)) return messages;
  const report = batchResponse.safeParse(answer);
  if (!report.success) return [];
  const failures = new Set(report.data.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const isKnown = (id: string) => messages.some((message) => message.id === id);
  return [...failures].every(isKnown) ? messages.filter(({ id }) => !failures.has(id)) : [];
};

/**
 * Hands the messages of a queue to a function, under the function's role: what the function does not process becomes
 * visible again when the queue's visibility timeout ends.
 */
class Poller {
  private readonly options: EventSourceMappingOptions;
  private readonly properties: MappingProperties;
  private running = 0;
  private cancelWait: (() => void) | undefined;
  private isStopped = false;

  constructor(options: EventSourceMappingOptions, properties: MappingProperties) {
    this.options = options;
    this.properties = properties;
  }

  /** Begins, and returns the function that ends it. Throws `AwsError` when the role may not read the queue. */
  start(): () => void {
    const { EventSourceArn, MaximumBatchingWindowInSeconds } = this.properties;
    const end = this.options.sqs.listen(this.role(), EventSourceArn, () =>
      this.pollAfter(MaximumBatchingWindowInSeconds * 1_000),
    );
    return () => {
      this.isStopped = true;
      this.cancelWait?.();
      end();
    };
  }

  private role(): Principal {
    return { role: this.options.lambda.functionOf(this.properties.FunctionName).latest.configuration.role };
  }

  private pollAfter(ms: number): void {
    if (this.isStopped || this.cancelWait) return;
    this.cancelWait = this.options.clock.after(ms, () => {
      this.cancelWait = undefined;
      this.poll();
    });
  }

  private poll(): void {
    const { EventSourceArn, BatchSize, ScalingConfig } = this.properties;
    try {
      while (!this.isStopped && this.running < (ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY)) {
        const messages = this.options.sqs.receive(this.role(), EventSourceArn, BatchSize);
        if (messages.length === 0) return;
        this.running += 1;
        void this.process(messages).finally(() => {
          this.running -= 1;
          this.poll();
        });
      }
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.pollAfter(MINUTE_MS); // IAM has reported the refusal
    }
  }

  private async process(messages: readonly ReceivedMessage[]): Promise<void> {
    const { place, lambda, sqs } = this.options;
    const { EventSourceArn, FunctionName, FunctionResponseTypes } = this.properties;
    const event = JSON.stringify({ Records: messages.map((message) => toRecord(place, EventSourceArn, message)) });
    try {
      const result = await lambda.runForEventSource(FunctionName, event);
      if (this.isStopped) return;
      const processed = processedOf(result, messages, FunctionResponseTypes.length > 0);
      const receipts = processed.map(({ receipt }) => receipt);
      if (receipts.length > 0) sqs.delete(this.role(), EventSourceArn, receipts);
    } catch (error) {
      // Throttled, or not allowed to delete, which IAM has reported: the messages become visible again.
      if (!(error instanceof AwsError)) throw error;
    }
  }
}

/** Throws for what Lambda refuses. */
const checkBatches = ({
  EventSourceArn,
  BatchSize,
  MaximumBatchingWindowInSeconds: window,
}: MappingProperties): void => {
  const isFifo = EventSourceArn.endsWith('.fifo');
  if (isFifo && window > 0) throw new Error('A FIFO queue does not support a batching window');
  if (BatchSize > MAX_WITHOUT_WINDOW && (isFifo || window === 0)) {
    throw new Error('A batch of more than 10 messages needs a batching window, which a FIFO queue does not support');
  }
};

/** How CloudFormation creates event source mappings, and a function that ends them all. */
export const createEventSourceMappings = (options: EventSourceMappingOptions) => {
  const ends: (() => void)[] = [];
  const handler = resourceHandler(mappingProperties, (properties, { logicalId }) => {
    checkBatches(properties);
    const arn = arnOf(options.place, 'lambda', `event-source-mapping:${logicalId}`);
    if (properties.Enabled) ends.push(new Poller(options, properties).start());
    return { ref: logicalId, attributes: { Id: logicalId, EventSourceMappingArn: arn } };
  });
  return {
    handlers: { 'AWS::Lambda::EventSourceMapping': handler } satisfies Record<string, ResourceHandler>,
    stop: (): void => {
      for (const end of ends) end();
    },
  };
};
