import { HOUR_MS, SECOND_MS } from '../contract/durations.ts';
import type { ErrorCode } from '../contract/vocabulary.ts';

/** How an attempt failed. */
export interface FailedAttempt {
  code: ErrorCode;
  retryable: boolean;
  /** Whether the tool may have had its effect. */
  mayHaveRun: boolean;
}

interface AttemptOf {
  attempt: number;
  max_attempts: number;
  /** Whether the tool may be called again although it may have had its effect. */
  isRepeatable: boolean;
}

/** Eight attempts are made within about a day. */
const FIRST_WAIT_MS = 30 * SECOND_MS;
const FACTOR = 4;
const MAX_WAIT_MS = 8 * HOUR_MS;

/** Half of a wait is chance, so that jobs that failed together are not tried together. `random` is from 0 to 1. */
const waitMsAfter = (attempt: number, random: number): number =>
  Math.min(FIRST_WAIT_MS * FACTOR ** (attempt - 1), MAX_WAIT_MS) * (0.75 + random / 2);

/** How long until the next attempt, in milliseconds; undefined where there is none. */
export const retryAfterMs = (
  { retryable, mayHaveRun }: FailedAttempt,
  { attempt, max_attempts, isRepeatable }: AttemptOf,
  random: number,
): number | undefined => {
  const mayRetry = retryable && (isRepeatable || !mayHaveRun) && attempt < max_attempts;
  return mayRetry ? waitMsAfter(attempt, random) : undefined;
};
