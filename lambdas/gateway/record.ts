import type { CallContext } from '../contract/call-context.ts';
import { UNREGISTERED } from '../contract/vocabulary.ts';
import { parseTraceparent } from '../observe/call/correlation.ts';
import { operationOf } from '../observe/call/operation.ts';
import type { Failure } from '../observe/failure/failure.ts';
import { recordFailure } from '../observe/failure/record-failure.ts';
import { emit } from '../observe/line/emit.ts';
import { timeOfUuidV7 } from '../observe/line/uuid.ts';
import type { ToolCall } from './call.ts';
import type { InvokeFailure } from './invoke.ts';
import { isOurFault, type Rejection } from './rejections.ts';

/** The name under which rejected requests are recorded: a rejection may come before any tool is named. */
const ENDPOINT = 'mcp';

/** How much of an unknown tool's name is recorded, in characters. */
const UNKNOWN_NAME_LIMIT = 64;

/** Writes the line of a call whose function ended before it could write the line itself. */
export const recordInvokeFailure = (
  { tool, call, args }: ToolCall,
  failure: InvokeFailure,
  durationMs: number,
): void => {
  const { name, slowMs, provider, gptName } = tool;
  recordFailure({
    tool: { name, slowMs, ...(provider ? { provider } : {}), ...(gptName ? { gptName } : {}) },
    call,
    failure,
    durationMs,
    requestBytes: Buffer.byteLength(JSON.stringify(args)),
  });
};

/**
 * Writes the line of a call of an unknown tool. The requested name appears in the message only: an untrusted client
 * must not be able to name a metric or a row.
 */
export const recordUnknownTool = (call: CallContext, name: string): void =>
  recordFailure({
    tool: UNREGISTERED,
    call,
    failure: {
      code: 'INVALID_INPUT',
      fault: 'caller',
      type: 'unknown_tool',
      message: `There is no tool ${name.slice(0, UNKNOWN_NAME_LIMIT)}`,
      retryable: false,
    },
    durationMs: 0,
  });

const failureOf = (rejection: Rejection): Failure => {
  const { status, rpcCode, message } = rejection;
  const type = rpcCode === undefined ? `http_${status}` : `http_${status}_rpc_${rpcCode}`;
  if (isOurFault(rejection)) return { code: 'INTERNAL_ERROR', fault: 'ours', type, message, retryable: false };
  const code = status === 401 || status === 403 ? 'UNAUTHORIZED' : 'INVALID_INPUT';
  return { code, fault: 'caller', type, message, retryable: false };
};

/** Writes the line of a request, or of a message in one, that was answered with a protocol error. */
export const recordRejection = (call: CallContext, rejection: Rejection, durationMs: number): void =>
  emit(operationOf({ kind: 'http', name: ENDPOINT, toolDimension: `http/${ENDPOINT}` }), {
    call,
    traceId: parseTraceparent(call.traceparent)?.trace_id,
    startedAtMs: timeOfUuidV7(call.event_id),
    finishedAtMs: Date.now(),
    durationMs,
    coldStart: false,
    attempts: 1,
    failure: failureOf(rejection),
  });
