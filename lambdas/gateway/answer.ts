import type { CallToolResult } from '@modelcontextprotocol/server';
import { ANSWER_LIMIT_BYTES, measureEmbedded } from '../contract/answer-size.ts';
import type { CallContext } from '../contract/call-context.ts';
import type { ErrorCode } from '../contract/vocabulary.ts';

/** A failed call as its caller sees it. */
export interface CallFailure {
  code: ErrorCode;
  message: string;
  retryable: boolean;
}

/** A longer message of a failure is cut, in characters. */
const MESSAGE_LIMIT = 4_000;
/** An answer embeds a result once and its text twice: up to so many bytes for one character of JSON. */
const MAX_BYTES_PER_CHARACTER = 3 + 4;
const NO_TEXT = 'The result is too large to be repeated as text. It is in structuredContent.';

/** The ids by which a person can ask about the call later. */
const followUpMeta = ({ correlation_id, event_id }: CallContext) => ({ correlation_id, event_id });

/**
 * The text of a result beside its structure: the same as JSON, or where both together would not fit into the answer, a
 * sentence that says where the result is. Undefined when the structure alone does not fit.
 */
const textOf = (output: Record<string, unknown>): string | undefined => {
  const json = JSON.stringify(output);
  if (json.length * MAX_BYTES_PER_CHARACTER <= ANSWER_LIMIT_BYTES) return json;
  const structureBytes = measureEmbedded(json);
  if (structureBytes > ANSWER_LIMIT_BYTES) return undefined;
  return structureBytes + measureEmbedded(JSON.stringify(json)) <= ANSWER_LIMIT_BYTES ? json : NO_TEXT;
};

/**
 * A tool's output as MCP answers it: structured for clients that read structure, as text for the others. Undefined when
 * it is too large to be delivered.
 */
export const toSuccessResult = (call: CallContext, output: Record<string, unknown>): CallToolResult | undefined => {
  const text = textOf(output);
  if (text === undefined) return undefined;
  return { content: [{ type: 'text', text }], structuredContent: output, _meta: followUpMeta(call) };
};

/**
 * A failed call, in words a model can act on. MCP puts it in the result, where the model sees it, and not in a
 * protocol error.
 */
export const toFailureResult = (call: CallContext, { code, message, retryable }: CallFailure): CallToolResult => ({
  isError: true,
  content: [{ type: 'text', text: `${code}: ${message.slice(0, MESSAGE_LIMIT)}` }],
  _meta: { ...followUpMeta(call), error_code: code, retryable },
});
