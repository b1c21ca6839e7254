import type { CallToolResult } from '@modelcontextprotocol/server';
import type { CallContext } from '../contract/call-context.ts';
import { LIVE } from '../contract/live.ts';
import type { Progress } from '../contract/progress.ts';
import type { CatalogueEntry } from '../invoke/catalogue.ts';
import { encodeClientContext, type InvocationContext } from '../invoke/client-context.ts';
import {
  GRACE_AFTER_TIMEOUT_MS,
  type InvokeFailure,
  type InvokeOutcome,
  type InvokeRequest,
  resultTooLarge,
} from '../invoke/invoke.ts';
import { readReply } from '../invoke/read-reply.ts';
import { type CallFailure, toFailureResult, toSuccessResult } from './answer.ts';

/** The part of the gateway's own time that is reserved for its reply, in milliseconds. */
const REPLY_RESERVE_MS = 1_000;

export interface ToolCall {
  tool: CatalogueEntry;
  args: Record<string, unknown>;
  call: CallContext;
  messageId: InvocationContext['messageId'];
  awsRequestId: string;
  /** What is left of the gateway's own time, in milliseconds. */
  remainingMs: number;
  /** Sends the client how far the call has come; undefined where it has not asked, or nothing can be sent. */
  onProgress?: ((progress: Progress) => Promise<void>) | undefined;
}

export interface ToolInvoker {
  /** A tool's function is named this prefix followed by the tool's name. */
  functionPrefix: string;
  invoke: (request: InvokeRequest) => Promise<InvokeOutcome>;
  /** Writes the line of a call whose function ended before it could write the line itself. */
  recordInvokeFailure: (toolCall: ToolCall, failure: InvokeFailure, durationMs: number) => void;
}

/** Calls tools' functions and turns each outcome into an MCP result. A call never throws. */
export const createToolCaller =
  ({ functionPrefix, invoke, recordInvokeFailure }: ToolInvoker) =>
  async (toolCall: ToolCall): Promise<CallToolResult> => {
    const { tool, args, call, messageId, awsRequestId, remainingMs, onProgress } = toolCall;
    const startedAt = performance.now();
    const fail = (failure: InvokeFailure): CallToolResult => {
      recordInvokeFailure(toolCall, failure, performance.now() - startedAt);
      return toFailureResult(call, toCallFailure(tool, failure));
    };
    const outcome = await invoke({
      functionName: `${functionPrefix}${tool.name}:${LIVE}`,
      args,
      clientContext: encodeClientContext({
        tool: tool.name,
        call,
        messageId,
        awsRequestId,
        readsProgress: onProgress !== undefined,
      }),
      onProgress,
      timeoutMs: Math.max(
        1,
        Math.min(tool.timeoutSeconds * 1_000 + GRACE_AFTER_TIMEOUT_MS, remainingMs - REPLY_RESERVE_MS),
      ),
    });
    const reply = readReply(outcome);
    if ('invokeFailure' in reply) return fail(reply.invokeFailure);
    if ('failure' in reply) return toFailureResult(call, reply.failure);
    return toSuccessResult(call, reply.output) ?? fail(resultTooLarge('result_too_large'));
  };

/** A tool that was stopped in the middle of work that may not be repeated must not be offered for a retry. */
const toCallFailure = (
  { annotations }: CatalogueEntry,
  { code, callerMessage, retryable, mayHaveRun }: InvokeFailure,
): CallFailure =>
  mayHaveRun && retryable && !annotations.idempotentHint
    ? {
        code,
        retryable: false,
        message: 'The tool was stopped and may have done its work. Check whether it did before you try again.',
      }
    : { code, retryable, message: callerMessage };
