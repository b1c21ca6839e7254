import * as z from 'zod';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { InvocationResult } from './environment.ts';

/** How a function is retried when it is invoked asynchronously. */
export interface AsyncConfig {
  retries: number;
  maxAgeMs: number;
  /** ARN of the destination for events that could not be processed. */
  onFailure: string | undefined;
}

/** Lambda's defaults. */
export const ASYNC_DEFAULTS: AsyncConfig = { retries: 2, maxAgeMs: 6 * 3_600_000, onFailure: undefined };

/** Before the first retry and before the second, in milliseconds. */
const RETRY_DELAYS_MS = [60_000, 120_000];
/** After a throttled attempt; doubled each time up to the maximum. */
const INITIAL_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 300_000;

/** How far an event has come. */
export const progressSchema = z.object({
  receivedAt: z.number(),
  /** How many attempts have failed. */
  attempts: z.number(),
  /** When the next attempt is due. */
  dueAt: z.number(),
  lastResult: z.object({ payload: z.string(), failed: z.boolean() }).optional(),
});
export type Progress = z.infer<typeof progressSchema>;

/** The progress of an event that has just been received. */
export const startProgress = (now: number): Progress => ({ receivedAt: now, attempts: 0, dueAt: now });

/** An event that will not be tried again. */
export interface DroppedEvent {
  condition: 'RetriesExhausted' | 'EventAgeExceeded';
  attempts: number;
  lastResult: InvocationResult | undefined;
}

interface Attempts {
  clock: Clock;
  config: AsyncConfig;
  attempt: (ageMs: number) => Promise<InvocationResult>;
  /** Receives each progress that a restart must not undo. */
  onProgress?: (progress: Progress) => void;
}

const waitUntil = (clock: Clock, at: number): Promise<void> | undefined => {
  const ms = at - clock.now();
  return ms > 0 ? new Promise((resolve) => clock.after(ms, () => resolve())) : undefined;
};

/**
 * Attempts an event until it succeeds, has failed too often or is too old. A failed attempt is retried after one minute
 * and then after two; a throttled attempt does not count and is repeated after a second, two, four, …
 */
export const attemptUntilDone = async (
  { clock, config: { retries, maxAgeMs }, attempt, onProgress = () => {} }: Attempts,
  progress = startProgress(clock.now()),
): Promise<DroppedEvent | undefined> => {
  let { attempts, dueAt, lastResult } = progress;
  let backoffMs = INITIAL_BACKOFF_MS;
  for (;;) {
    await waitUntil(clock, dueAt);
    const ageMs = clock.now() - progress.receivedAt;
    if (ageMs > maxAgeMs) return { condition: 'EventAgeExceeded', attempts, lastResult };
    try {
      lastResult = await attempt(ageMs);
      if (!lastResult.failed) return undefined;
      attempts += 1;
      if (attempts > retries) return { condition: 'RetriesExhausted', attempts, lastResult };
      dueAt = clock.now() + (RETRY_DELAYS_MS[attempts - 1] ?? MAX_BACKOFF_MS);
      onProgress({ ...progress, attempts, dueAt, lastResult });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'TooManyRequestsException') throw error;
      dueAt = clock.now() + backoffMs;
      backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
    }
  }
};

/** The document that Lambda sends to a destination. */
export const formatDestinationRecord = (
  at: number,
  { id, arn, event }: { id: string; arn: string; event: string },
  { condition, attempts, lastResult }: DroppedEvent,
): string =>
  JSON.stringify({
    version: '1.0',
    timestamp: new Date(at).toISOString(),
    requestContext: { requestId: id, functionArn: `${arn}:$LATEST`, condition, approximateInvokeCount: attempts },
    requestPayload: JSON.parse(event),
    ...(lastResult && {
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: JSON.parse(lastResult.payload),
    }),
  });

/** The key under which Lambda stores that document in a bucket. */
export const destinationKeyOf = (functionName: string, at: number, id: string): string => {
  const [day = '', time = ''] = new Date(at).toISOString().slice(0, 19).split('T');
  return `aws/lambda/async/${functionName}/${day.replaceAll('-', '/')}/${day}T${time.replaceAll(':', '.')}-${id}`;
};
