import type { CallContext } from '../contract/call-context.ts';
import { UNREGISTERED } from '../contract/vocabulary.ts';
import { recordFailure } from '../observe/failure/record-failure.ts';

/**
 * Writes the line of a call of an unknown tool. The requested name appears nowhere on it: an untrusted client must not
 * be able to name a metric, a row or a group of errors, nor write to a model that reads them.
 */
export const recordUnknownTool = (call: CallContext): void =>
  recordFailure({
    tool: UNREGISTERED,
    call,
    failure: {
      code: 'INVALID_INPUT',
      fault: 'caller',
      type: 'unknown_tool',
      message: 'There is no tool of the requested name',
      retryable: false,
    },
    durationMs: 0,
  });
