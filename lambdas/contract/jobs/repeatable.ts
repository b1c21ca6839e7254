import type { ToolFacts } from '../tool-facts.ts';

/** Whether a job's tool may be called again, with the same idempotency key, when it is unknown whether it did its work. */
export const isRepeatable = ({
  readOnly,
  idempotent = false,
  takesIdempotencyKey = false,
}: Pick<ToolFacts, 'readOnly' | 'idempotent' | 'takesIdempotencyKey'>): boolean =>
  readOnly || idempotent || takesIdempotencyKey;
