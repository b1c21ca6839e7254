import type { CallContext } from '../../contract/call-context.ts';
import { AGENTCORE_KEYS, CALL_CONTEXT_KEY } from '../../contract/client-context.ts';
import { createUuidV7, timeOfUuidV7 } from '../line/uuid.ts';
import { isWellFormedId, parseTraceparent, readXrayTraceId } from './correlation.ts';
import { readCallContext } from './read-call-context.ts';

/**
 * What the wrapper reads of Lambda's context; all of it may be missing, as in a test or a plain call. Spelled out, so that
 * nobody who wraps a handler needs a package of types.
 */
export interface LambdaContext {
  awsRequestId?: string;
  functionName?: string;
  functionVersion?: string;
  memoryLimitInMB?: string;
  getRemainingTimeInMillis?(): number;
  clientContext?: object | undefined;
  /** Aborts the call on the caller's behalf. Lambda never sets it; callers in the same process may. */
  signal?: AbortSignal;
}

/** A call as it came in. */
export interface IncomingCall {
  call: CallContext;
  startedAtMs: number;
  trace_id: string;
  traceFlags: string;
}

/** The custom part of the client context; AWS's mobile clients write it with a capital. */
export const readCustomContext = (context: LambdaContext): Record<string, unknown> => {
  const client = context.clientContext as { custom?: unknown; Custom?: unknown } | undefined;
  const custom = client?.custom ?? client?.Custom;
  return typeof custom === 'object' && custom !== null ? (custom as Record<string, unknown>) : {};
};

const sentOver = (custom: Record<string, unknown>, nowMs: number): Partial<CallContext> => {
  const json = custom[CALL_CONTEXT_KEY];
  if (typeof json !== 'string') return {};
  try {
    return readCallContext(JSON.parse(json), nowMs);
  } catch {
    return {};
  }
};

/** What a call made from inside another one inherits. */
const inherited = ({ call, trace_id, traceFlags }: IncomingCall): Partial<CallContext> => ({
  ...call,
  parent_id: call.event_id,
  traceparent: formatTraceparent(call.event_id, trace_id, traceFlags),
});

/** The `traceparent` of what a call calls: the same trace, and this call as the parent. */
export const formatTraceparent = (event_id: string, trace_id: string, flags: string): string =>
  `00-${trace_id}-${event_id.slice(19).replaceAll('-', '').toLowerCase()}-${flags}`;

/** A trace's id when nobody gave one: the call's own id, so that either finds the other. */
export const traceIdOf = (event_id: string): string => event_id.replaceAll('-', '').toLowerCase();

/**
 * Who calls and in which thread: what our gateway sent, else what AgentCore or the event itself says, else the call this
 * one is made from, else made here.
 */
export const readIncomingCall = (
  context: LambdaContext,
  nowMs: number,
  said: Partial<CallContext>,
  parent: IncomingCall | undefined,
): IncomingCall => {
  const custom = readCustomContext(context);
  const sent = { ...said, ...sentOver(custom, nowMs) };
  const from = sent.event_id || !parent ? sent : inherited(parent);
  const event_id = sent.event_id ?? createUuidV7(nowMs);
  const trace = parseTraceparent(from.traceparent);
  const correlation_id =
    [from.correlation_id, custom[AGENTCORE_KEYS.awsRequestId], context.awsRequestId].find(isWellFormedId) ?? event_id;
  return {
    call: { ...from, event_id, correlation_id },
    startedAtMs: sent.event_id ? timeOfUuidV7(event_id) : nowMs,
    trace_id: trace?.trace_id ?? readXrayTraceId() ?? traceIdOf(event_id),
    traceFlags: trace?.flags ?? '01',
  };
};
