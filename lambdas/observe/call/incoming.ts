import type { CallContext } from '../../contract/call-context.ts';
import { AGENTCORE_KEYS, CALL_CONTEXT_KEY } from '../../contract/client-context.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { toPlainId } from '../line/caller-text.ts';
import { createUuidV7, timeOfUuidV7 } from '../line/uuid.ts';
import { parseTraceparent, readXrayTraceId } from './correlation.ts';
import { readCallContext } from './read-call-context.ts';
import { readProperty, readText } from './read-safely.ts';

/**
 * The parts of Lambda's context that the wrapper reads; any may be missing, as in a test or a plain function call.
 * Declared here, so that an app that wraps a handler needs no package of types.
 */
export interface LambdaContext {
  awsRequestId?: string;
  functionName?: string;
  functionVersion?: string;
  memoryLimitInMB?: string;
  getRemainingTimeInMillis?(): number;
  clientContext?: object | undefined;
  /** Aborts the call on the caller's behalf. Lambda never sets it; a caller in the same process may. */
  signal?: AbortSignal;
}

/** What the wrapper needs of Lambda's context, read once. */
export interface FunctionContext {
  requestId: string | undefined;
  functionName: string | undefined;
  functionVersion: string | undefined;
  memoryMb: number | undefined;
  /** The custom part of the client context. */
  custom: unknown;
  remainingMs: number | undefined;
  signal: AbortSignal | undefined;
}

function readRemainingMs(context: unknown): number | undefined {
  if (typeof readProperty(context, 'getRemainingTimeInMillis') !== 'function') return undefined;
  try {
    const remaining: unknown = (context as Required<LambdaContext>).getRemainingTimeInMillis();
    return typeof remaining === 'number' && Number.isFinite(remaining) ? remaining : undefined;
  } catch {
    return undefined;
  }
}

function readSignal(context: unknown): AbortSignal | undefined {
  const signal = readProperty(context, 'signal');
  try {
    return signal !== undefined && signal instanceof AbortSignal ? signal : undefined;
  } catch {
    return undefined;
  }
}

/** AWS's mobile clients write the key with a capital. */
function readCustom(context: unknown): unknown {
  const client = readProperty(context, 'clientContext');
  return readProperty(client, 'custom') ?? readProperty(client, 'Custom');
}

/** Reads Lambda's context, or what somebody passed instead of it. Never throws. */
export function readLambdaContext(context: unknown): FunctionContext {
  const memoryMb = Number.parseInt(readText(context, 'memoryLimitInMB') ?? '', 10);
  return {
    requestId: readText(context, 'awsRequestId'),
    functionName: readText(context, 'functionName'),
    functionVersion: readText(context, 'functionVersion'),
    memoryMb: Number.isNaN(memoryMb) ? undefined : memoryMb,
    custom: readCustom(context),
    remainingMs: readRemainingMs(context),
    signal: readSignal(context),
  };
}

/** Who calls. The key of a call that came with none is its event id. */
export type ReceivedCall = CallContext & { idempotency_key: string };

/** A call as it arrived. */
export interface IncomingCall {
  call: ReceivedCall;
  startedAtMs: number;
  trace_id: string;
  traceFlags: string;
}

function readSentContext(custom: unknown, nowMs: number): Partial<CallContext> {
  const json = readText(custom, CALL_CONTEXT_KEY);
  return json === undefined ? {} : readCallContext(parseJson(json), nowMs);
}

/** The call context of a call made from inside another call. */
function inheritFrom({ call, trace_id, traceFlags }: IncomingCall): Partial<CallContext> {
  return {
    ...call,
    // Only the call that a person repeated is the repetition, and a refused claim is counted once.
    replay_of: undefined,
    refused: undefined,
    idempotency_key: undefined,
    parent_id: call.event_id,
    traceparent: formatTraceparent(call.event_id, trace_id, traceFlags),
  };
}

/** The `traceparent` for requests that a call makes: the same trace, with this call as the parent. */
export function formatTraceparent(event_id: string, trace_id: string, flags: string): string {
  return `00-${trace_id}-${event_id.slice(19).replaceAll('-', '').toLowerCase()}-${flags}`;
}

/** The trace id of a call that arrived without one: its event id without hyphens, so that each leads to the other. */
export function traceIdOf(event_id: string): string {
  return event_id.replaceAll('-', '').toLowerCase();
}

/**
 * Who calls, and in which trace: from our gateway's call context, else from AgentCore or the event itself, else from
 * the call that this one is made from, else created here. `eventContext` is what the event itself says.
 */
export function readIncomingCall(
  { custom, requestId }: Pick<FunctionContext, 'custom' | 'requestId'>,
  nowMs: number,
  eventContext: Partial<CallContext>,
  parent: IncomingCall | undefined,
): IncomingCall {
  const sent = { ...eventContext, ...readSentContext(custom, nowMs) };
  const source = sent.event_id || !parent ? sent : inheritFrom(parent);
  const event_id = sent.event_id ?? createUuidV7(nowMs);
  const trace = parseTraceparent(source.traceparent);
  const correlation_id =
    source.correlation_id ?? readText(custom, AGENTCORE_KEYS.awsRequestId) ?? requestId ?? event_id;
  return {
    call: {
      ...source,
      event_id,
      correlation_id: toPlainId(correlation_id),
      idempotency_key: source.idempotency_key ?? event_id,
    },
    startedAtMs: sent.event_id ? timeOfUuidV7(event_id) : nowMs,
    trace_id: trace?.trace_id ?? readXrayTraceId() ?? traceIdOf(event_id),
    traceFlags: trace?.flags ?? '01',
  };
}
