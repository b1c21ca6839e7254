import type { CallToolResult } from '@modelcontextprotocol/server';
import type { CallContext } from '../contract/call-context.ts';
import { LIVE } from '../contract/live.ts';
import { toolFailure } from '../contract/tool-reply.ts';
import * as answer from './answer.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { clientContext, type InvocationContext } from './client-context.ts';
import type { Invoke, Invoked, InvokeFailure } from './invoke.ts';

/** Beyond a tool's own timeout: its start in a fresh environment, and what Lambda grants it to write its line. In milliseconds. */
const PATIENCE_BEYOND_TIMEOUT_MS = 20_000;
/** Of the gateway's own time, kept to answer. In milliseconds. */
const TIME_TO_ANSWER_MS = 1_000;

export interface ToolCall {
  tool: CatalogueEntry;
  args: Record<string, unknown>;
  call: CallContext;
  messageId: InvocationContext['messageId'];
  awsRequestId: string;
  /** What is left of the gateway's own time, in milliseconds. */
  remainingMs: number;
}

export interface ToolInvoker {
  /** Functions are called this and the tool's name. */
  functionPrefix: string;
  invoke: (what: Invoke) => Promise<Invoked>;
  /** Writes the line of a call whose function did not live to write it. */
  recordInvokeFailure: (toolCall: ToolCall, death: InvokeFailure, durationMs: number) => void;
}

/** Calls a tool's function and turns its end into MCP's words. Never throws. */
export const callTool =
  ({ functionPrefix, invoke, recordInvokeFailure: recordDeath }: ToolInvoker) =>
  async (toolCall: ToolCall): Promise<CallToolResult> => {
    const { tool, args, call, messageId, awsRequestId, remainingMs } = toolCall;
    const begun = performance.now();
    const invoked = await invoke({
      functionName: `${functionPrefix}${tool.name}:${LIVE}`,
      args,
      clientContext: clientContext({ tool: tool.name, call, messageId, awsRequestId }),
      timeoutMs: Math.min(tool.timeoutSeconds * 1_000 + PATIENCE_BEYOND_TIMEOUT_MS, remainingMs - TIME_TO_ANSWER_MS),
    });
    if ('death' in invoked) {
      recordDeath(toolCall, invoked.death, performance.now() - begun);
      return answer.failure(call, adviceAbout(tool, invoked.death));
    }
    const told = toolFailure.safeParse(invoked.answer);
    return told.success ? answer.failure(call, told.data) : answer.success(call, outputOf(invoked.answer));
  };

/** A death in the middle of work that may not be repeated must not read as an invitation to repeat it. */
const adviceAbout = (
  { annotations }: CatalogueEntry,
  { code, callerMessage: told, retryable, mayHaveRun }: InvokeFailure,
) =>
  mayHaveRun && retryable && !annotations.idempotentHint
    ? { code, retryable: false, message: 'The tool was stopped and may have done its work. Look before trying again.' }
    : { code, retryable, message: told };

/** A tool's wrapper answers an object, always; a function that is no tool of ours may not. */
const outputOf = (reply: unknown): Record<string, unknown> =>
  typeof reply === 'object' && reply !== null && !Array.isArray(reply) ? { ...reply } : { result: reply };
