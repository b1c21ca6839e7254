import * as z from 'zod';
import { ERROR_CODES, FAULTS } from './invocation.ts';

/**
 * What a tool's function answers when the call failed. A success is the tool's plain output. A failure is an answer
 * and no exception, so that Lambda's own error count stays what it should be: the platform's.
 */
export const toolFailure = z.object({
  isError: z.literal(true),
  code: z.enum(ERROR_CODES),
  fault: z.enum(FAULTS),
  /** In words a model can act on. */
  message: z.string(),
  retryable: z.boolean(),
  correlation_id: z.string(),
});
export type ToolFailure = z.infer<typeof toolFailure>;
