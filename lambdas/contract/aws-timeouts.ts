import { SECOND_MS } from './durations.ts';

/**
 * For a client of the AWS SDK in a function that must go on when AWS does not answer: it answers within milliseconds, and
 * a run may not wait for all its time for one answer.
 */
export const AWS_TIMEOUTS = {
  requestHandler: { connectionTimeout: 1 * SECOND_MS, requestTimeout: 3 * SECOND_MS, throwOnRequestTimeout: true },
};
