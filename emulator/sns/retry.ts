import * as z from 'zod';

/**
 * How often and when a webhook is tried again: the phases documented under "Amazon SNS message delivery retries". First
 * without delay, then with the least, then from the least to the greatest in equal steps, then with the greatest.
 */
const healthyRetryPolicy = z.strictObject({
  numRetries: z.int().min(0).max(100).default(3),
  minDelayTarget: z.int().min(1).max(3_600).default(20),
  maxDelayTarget: z.int().min(1).max(3_600).default(20),
  numNoDelayRetries: z.int().min(0).default(0),
  numMinDelayRetries: z.int().min(0).default(0),
  numMaxDelayRetries: z.int().min(0).default(0),
  backoffFunction: z.literal('linear', 'only linear backoff is known here').default('linear'),
});

export const deliveryPolicy = z
  .strictObject({ healthyRetryPolicy: healthyRetryPolicy.prefault({}) })
  .prefault({})
  .refine(
    ({ healthyRetryPolicy: { minDelayTarget, maxDelayTarget } }) => minDelayTarget <= maxDelayTarget,
    'minDelayTarget is at most maxDelayTarget',
  );

/** The pause before each retry, in milliseconds. */
export const retryDelaysOf = ({ healthyRetryPolicy: policy }: z.output<typeof deliveryPolicy>): number[] => {
  const { numRetries, minDelayTarget: least, maxDelayTarget: most } = policy;
  const { numNoDelayRetries: none, numMinDelayRetries: atLeast, numMaxDelayRetries: atMost } = policy;
  const between = Math.max(0, numRetries - none - atLeast - atMost);
  const step = between > 1 ? (most - least) / (between - 1) : 0;
  const seconds = [
    ...Array.from({ length: none }, () => 0),
    ...Array.from({ length: atLeast }, () => least),
    ...Array.from({ length: between }, (_, index) => least + step * index),
    ...Array.from({ length: atMost }, () => most),
  ];
  return seconds.slice(0, numRetries).map((pause) => Math.round(pause * 1_000));
};
