import type { CallToolResult } from '@modelcontextprotocol/server';
import type { CallContext } from '../contract/call-context.ts';
import type { ErrorCode } from '../contract/vocabulary.ts';

/** A failed call as its caller sees it. */
export interface CallFailure {
  code: ErrorCode;
  message: string;
  retryable: boolean;
}

/** The ids by which a person can ask about the call later. */
const followUpMeta = ({ correlation_id, event_id }: CallContext) => ({ correlation_id, event_id });

/** A tool's output as MCP answers it: structured for clients that read structure, as text for the others. */
export const toSuccessResult = (call: CallContext, output: Record<string, unknown>): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(output) }],
  structuredContent: output,
  _meta: followUpMeta(call),
});

/**
 * A failed call, in words a model can act on. MCP puts it in the result, where the model sees it, and not in a
 * protocol error.
 */
export const toFailureResult = (call: CallContext, { code, message, retryable }: CallFailure): CallToolResult => ({
  isError: true,
  content: [{ type: 'text', text: `${code}: ${message}` }],
  _meta: { ...followUpMeta(call), error_code: code, retryable },
});
