import type { CallContext } from '../contract/call-context.ts';
import { UNREGISTERED } from '../contract/vocabulary.ts';
import { parseTraceparent } from '../observe/call/correlation.ts';
import { operationOf } from '../observe/call/operation.ts';
import type { Failure } from '../observe/failure/failure.ts';
import { recordFailure } from '../observe/failure/record-failure.ts';
import { emit } from '../observe/line/emit.ts';
import { timeOfUuidV7 } from '../observe/line/uuid.ts';
import { readStackFrames } from '../observe/privacy/privacy.ts';
import type { ToolCall } from './call.ts';
import type { InvokeFailure } from './invoke.ts';
import type { Rejection } from './rejections.ts';

/** The name under which rejected requests are recorded: a rejection may come before any tool is named. */
const ENDPOINT = 'mcp';

/** Writes the line of a call whose function ended before it could write the line itself. */
export const recordInvokeFailure = (
  { tool, call, args }: ToolCall,
  failure: InvokeFailure,
  durationMs: number,
): void => {
  const { name, slowMs, provider, gptName, domain } = tool;
  recordFailure({
    tool: { name, slowMs, ...(provider && { provider }), ...(gptName && { gptName }), ...(domain && { domain }) },
    call,
    failure,
    durationMs,
    requestBytes: Buffer.byteLength(JSON.stringify(args)),
  });
};

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

const failureOf = ({ status, rpcCode, message, fault }: Rejection): Failure => {
  const type = rpcCode === undefined ? `http_${status}` : `http_${status}_rpc_${rpcCode}`;
  if (fault === 'ours') return { code: 'INTERNAL_ERROR', fault, type, message, retryable: false };
  const code = status === 401 || status === 403 ? 'UNAUTHORIZED' : 'INVALID_INPUT';
  return { code, fault, type, message, retryable: false };
};

/** The innermost frames of what our own code threw. */
const framesOf = (failure: Failure, thrown: unknown): Record<string, unknown> | undefined => {
  if (!(thrown instanceof Error) || typeof thrown.stack !== 'string') return undefined;
  return { stack: readStackFrames({ ...failure, message: thrown.message, stack: thrown.stack }, undefined, new Set()) };
};

/**
 * Writes the line of a request, or of a message in one, that was answered with a protocol error. Of what our own code
 * threw it has the innermost frames, and never the message.
 */
export const recordRejection = (call: CallContext, rejection: Rejection, durationMs: number, thrown: unknown): void => {
  const failure = failureOf(rejection);
  emit(operationOf({ kind: 'http', name: ENDPOINT, toolDimension: `http/${ENDPOINT}` }), {
    call,
    traceId: parseTraceparent(call.traceparent)?.trace_id,
    startedAtMs: timeOfUuidV7(call.event_id),
    finishedAtMs: Date.now(),
    durationMs,
    coldStart: false,
    attempts: 1,
    failure,
    metadata: framesOf(failure, thrown),
  });
};
