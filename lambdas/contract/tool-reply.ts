import * as z from 'zod';
import { ERROR_CODES, FAULTS } from './vocabulary.ts';

/**
 * The reply of a tool's function when the call failed; a success is the tool's plain output. A failure is a reply and
 * not an exception, so Lambda's own error count contains only the platform's failures.
 */
export const toolFailure = z.object({
  isError: z.literal(true),
  code: z.enum(ERROR_CODES),
  fault: z.enum(FAULTS),
  /** What happened and what to do, for the model that called. */
  message: z.string(),
  retryable: z.boolean(),
  correlation_id: z.string(),
});
export type ToolFailure = z.infer<typeof toolFailure>;
