import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Answer } from './environment.ts';

/** How a function is tried when nobody waits for its answer. */
export interface AsyncConfig {
  retries: number;
  maxAgeMs: number;
  /** ARN of where events go that could not be processed. */
  onFailure: string | undefined;
}

export const ASYNC_DEFAULTS: AsyncConfig = { retries: 2, maxAgeMs: 6 * 3_600_000, onFailure: undefined };

/** Before the second try and before the third, in milliseconds. */
const PAUSES_MS = [60_000, 120_000];
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 300_000;

/** An event that was given up. */
export interface Dropped {
  condition: 'RetriesExhausted' | 'EventAgeExceeded';
  tries: number;
  last: Answer | undefined;
}

const wait = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, () => resolve()));

/**
 * Tries until it succeeds, has failed too often or is too old: an error of the function's own is tried again after one
 * minute and then two; a throttled try does not count, and comes again after a second, two, four, …
 */
export const tryUntilDone = async (
  clock: Clock,
  { retries, maxAgeMs }: AsyncConfig,
  attempt: (ageMs: number) => Promise<Answer>,
): Promise<Dropped | undefined> => {
  const received = clock.now();
  let tries = 0;
  let backoff = FIRST_BACKOFF_MS;
  let last: Answer | undefined;
  for (;;) {
    const age = clock.now() - received;
    if (age > maxAgeMs) return { condition: 'EventAgeExceeded', tries, last };
    try {
      last = await attempt(age);
      if (!last.failed) return undefined;
      tries += 1;
      if (tries > retries) return { condition: 'RetriesExhausted', tries, last };
      await wait(clock, PAUSES_MS[tries - 1] ?? LONGEST_BACKOFF_MS);
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'TooManyRequestsException') throw error;
      await wait(clock, backoff);
      backoff = Math.min(backoff * 2, LONGEST_BACKOFF_MS);
    }
  }
};

/** What Lambda hands to a destination. */
export const destinationRecord = (
  at: number,
  { id, arn, event }: { id: string; arn: string; event: string },
  { condition, tries, last }: Dropped,
): string =>
  JSON.stringify({
    version: '1.0',
    timestamp: new Date(at).toISOString(),
    requestContext: { requestId: id, functionArn: `${arn}:$LATEST`, condition, approximateInvokeCount: tries },
    requestPayload: JSON.parse(event),
    ...(last && {
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: JSON.parse(last.payload),
    }),
  });

/** Where in a bucket Lambda puts it. */
export const destinationKey = (functionName: string, at: number, id: string): string => {
  const [day = '', time = ''] = new Date(at).toISOString().slice(0, 19).split('T');
  return `aws/lambda/async/${functionName}/${day.replaceAll('-', '/')}/${day}T${time.replaceAll(':', '.')}-${id}`;
};
