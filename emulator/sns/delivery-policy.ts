import * as z from 'zod';

/**
 * How often and when a delivery to a webhook is retried: the phases documented under "Amazon SNS message delivery
 * retries". Retries without delay come first, then retries with the minimum delay, then retries whose delay grows in
 * equal steps from the minimum to the maximum, and last retries with the maximum delay. Delays are in seconds.
 */
const healthyRetryPolicy = z.strictObject({
  numRetries: z.int().min(0).max(100).default(3),
  minDelayTarget: z.int().min(1).max(3_600).default(20),
  maxDelayTarget: z.int().min(1).max(3_600).default(20),
  numNoDelayRetries: z.int().min(0).default(0),
  numMinDelayRetries: z.int().min(0).default(0),
  numMaxDelayRetries: z.int().min(0).default(0),
  backoffFunction: z.literal('linear', 'the emulator supports linear backoff only').default('linear'),
});

/** A subscription's delivery policy. */
export const deliveryPolicy = z
  .strictObject({ healthyRetryPolicy: healthyRetryPolicy.prefault({}) })
  .prefault({})
  .refine(
    ({ healthyRetryPolicy: { minDelayTarget, maxDelayTarget } }) => minDelayTarget <= maxDelayTarget,
    'minDelayTarget is at most maxDelayTarget',
  );

/** The delay before each retry, in milliseconds. */
export const retryDelaysOf = ({ healthyRetryPolicy: policy }: z.output<typeof deliveryPolicy>): number[] => {
  const { numRetries, minDelayTarget: minimum, maxDelayTarget: maximum } = policy;
  const { numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  const growing = Math.max(0, numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries);
  const step = growing > 1 ? (maximum - minimum) / (growing - 1) : 0;
  const seconds = [
    ...Array.from({ length: numNoDelayRetries }, () => 0),
    ...Array.from({ length: numMinDelayRetries }, () => minimum),
    ...Array.from({ length: growing }, (_, index) => minimum + step * index),
    ...Array.from({ length: numMaxDelayRetries }, () => maximum),
  ];
  return seconds.slice(0, numRetries).map((delay) => Math.round(delay * 1_000));
};
