import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../contract/durations.ts';

/**
 * How long a notice waits at most for its next attempt, by how many there were: as Standard Webhooks advises, but with a
 * second attempt sooner, because people wait for it, and no wait beyond what SQS can hide a message for.
 */
const WAITS_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
] as const;
/** SQS hides a message for at most twelve hours from when it was received. */
export const MAX_WAIT_MS = 12 * HOUR_MS - 5 * MINUTE_MS;
/** A channel that is dead is tried again after this time, because somebody may have mended it at the vendor's. */
export const DEAD_RETRY_MS = HOUR_MS;

export interface Attempt {
  /** How often the notice has been received, this time included. */
  readonly receives: number;
  /** What the channel asked for. */
  readonly afterMs?: number | undefined;
  /** From 0 up to 1. */
  readonly random: number;
}

/**
 * How long a notice waits until its next attempt, in milliseconds: at random up to the time of the schedule, so that not
 * everybody comes back at once; and never less than the channel asked for, nor much more.
 */
export const waitMsAfter = ({ receives, afterMs, random }: Attempt): number => {
  const most = WAITS_MS[Math.min(Math.max(receives, 1), WAITS_MS.length) - 1] ?? MAX_WAIT_MS;
  const spread = afterMs === undefined ? most : Math.min(most, Math.max(afterMs / 10, SECOND_MS));
  return Math.min(Math.max(afterMs ?? 0, 0) + random * spread, MAX_WAIT_MS);
};
