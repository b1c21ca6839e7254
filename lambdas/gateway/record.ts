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
import { isOurs, type Rejection } from './rejections.ts';

/** The name of requests refused before they named a tool. */
export const ENDPOINT = 'mcp';

/** A stranger's name for a tool, as far as it is worth reading, in characters. */
const STRANGE_NAME_LIMIT = 64;

/** The line of a tool whose function did not live to write it. */
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

/** The line of a call of a tool there is not. Its name stands in the message only: a stranger names no metric and no row. */
export const recordUnknown = (call: CallContext, name: string): void =>
  recordFailure({
    tool: UNREGISTERED,
    call,
    failure: {
      code: 'INVALID_INPUT',
      fault: 'caller',
      type: 'unknown_tool',
      message: `There is no tool ${name.slice(0, STRANGE_NAME_LIMIT)}`,
      retryable: false,
    },
    durationMs: 0,
  });

const failureOf = (rejection: Rejection): Failure => {
  const { status, rpcCode, message } = rejection;
  const type = rpcCode === undefined ? `http_${status}` : `http_${status}_rpc_${rpcCode}`;
  if (isOurs(rejection)) return { code: 'INTERNAL_ERROR', fault: 'ours', type, message, retryable: false };
  const code = status === 401 || status === 403 ? 'UNAUTHORIZED' : 'INVALID_INPUT';
  return { code, fault: 'caller', type, message, retryable: false };
};

/** The line of a request the protocol refused. */
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
