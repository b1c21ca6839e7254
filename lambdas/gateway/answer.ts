import type { CallToolResult } from '@modelcontextprotocol/server';
import type { CallContext } from '../contract/call-context.ts';
import type { ErrorCode } from '../contract/invocation.ts';

interface Refusal {
  code: ErrorCode;
  message: string;
  retryable: boolean;
}

/** What follows a call back to its client, so that a person can ask about it. */
const thread = ({ correlation_id, event_id }: CallContext) => ({ correlation_id, event_id });

/** A tool's output as MCP answers it: structured for clients that read structure, as text for the others. */
export const success = (call: CallContext, output: Record<string, unknown>): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(output) }],
  structuredContent: output,
  _meta: thread(call),
});

/** A call that failed, in words a model can act on. MCP wants it in the result, where the model sees it, and not as a protocol error. */
export const failure = (call: CallContext, { code, message, retryable }: Refusal): CallToolResult => ({
  isError: true,
  content: [{ type: 'text', text: `${code}: ${message}` }],
  _meta: { ...thread(call), error_code: code, retryable },
});
