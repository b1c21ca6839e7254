import type { CallContext } from '../../contract/call-context.ts';
import { AGENTCORE_KEYS, CALL_CONTEXT_KEY } from '../../contract/client-context.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { createUuidV7, timeOfUuidV7 } from '../line/uuid.ts';
import { isWellFormedId, parseTraceparent, readXrayTraceId } from './correlation.ts';
import { readCallContext } from './read-call-context.ts';

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

/** A call as it arrived. */
export interface IncomingCall {
  call: CallContext;
  startedAtMs: number;
  trace_id: string;
  traceFlags: string;
}

/** The custom part of the client context; AWS's mobile clients write its key with a capital. */
export const readCustomContext = (context: LambdaContext): Record<string, unknown> => {
  const client = context.clientContext as { custom?: unknown; Custom?: unknown } | undefined;
  const custom = client?.custom ?? client?.Custom;
  return typeof custom === 'object' && custom !== null ? (custom as Record<string, unknown>) : {};
};

const readSentContext = (custom: Record<string, unknown>, nowMs: number): Partial<CallContext> => {
  const json = custom[CALL_CONTEXT_KEY];
  return typeof json === 'string' ? readCallContext(parseJson(json), nowMs) : {};
};

/** The call context of a call made from inside another call. */
const inheritFrom = ({ call, trace_id, traceFlags }: IncomingCall): Partial<CallContext> => ({
  ...call,
  parent_id: call.event_id,
  traceparent: formatTraceparent(call.event_id, trace_id, traceFlags),
});

/** The `traceparent` for requests that a call makes: the same trace, with this call as the parent. */
export const formatTraceparent = (event_id: string, trace_id: string, flags: string): string =>
  `00-${trace_id}-${event_id.slice(19).replaceAll('-', '').toLowerCase()}-${flags}`;

/** The trace id of a call that arrived without one: its event id without hyphens, so that each leads to the other. */
export const traceIdOf = (event_id: string): string => event_id.replaceAll('-', '').toLowerCase();

/**
 * Who calls, and in which trace: from our gateway's call context, else from AgentCore or the event itself, else from
 * the call that this one is made from, else created here. `eventContext` is what the event itself says.
 */
export const readIncomingCall = (
  context: LambdaContext,
  nowMs: number,
  eventContext: Partial<CallContext>,
  parent: IncomingCall | undefined,
): IncomingCall => {
  const custom = readCustomContext(context);
  const sent = { ...eventContext, ...readSentContext(custom, nowMs) };
  const source = sent.event_id || !parent ? sent : inheritFrom(parent);
  const event_id = sent.event_id ?? createUuidV7(nowMs);
  const trace = parseTraceparent(source.traceparent);
  const correlation_id =
    [source.correlation_id, custom[AGENTCORE_KEYS.awsRequestId], context.awsRequestId].find(isWellFormedId) ?? event_id;
  return {
    call: { ...source, event_id, correlation_id },
    startedAtMs: sent.event_id ? timeOfUuidV7(event_id) : nowMs,
    trace_id: trace?.trace_id ?? readXrayTraceId() ?? traceIdOf(event_id),
    traceFlags: trace?.flags ?? '01',
  };
};
