import type { ClientContext, Context } from 'aws-lambda';
import { AGENTCORE_KEYS, CALL_CONTEXT_KEY, type CallContext, callContext } from '../contract/call-context.ts';
import { timeOfUuidV7, uuidV7 } from './uuid.ts';

/** What the wrapper reads of Lambda's context; all of it may be missing, as in a test or a plain call. */
export type LambdaContext = Partial<
  Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis' | 'memoryLimitInMB' | 'functionVersion'>
> & {
  clientContext?: Partial<ClientContext> | undefined;
  /** Aborts the call on the caller's behalf. Lambda never sets it; in-process callers may. */
  signal?: AbortSignal;
};

/** A call as it came in. */
export interface Incoming {
  call: CallContext;
  startedAtMs: number;
  trace_id: string;
}

const WELL_FORMED_TRACE = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

const traceIdOf = (call: CallContext): string =>
  WELL_FORMED_TRACE.exec(call.traceparent ?? '')?.[1] ?? call.event_id.replaceAll('-', '');

/** The custom part of the client context; AWS's mobile clients write it with a capital. */
const customOf = (context: LambdaContext): Record<string, unknown> | undefined => {
  const client = context.clientContext as { custom?: unknown; Custom?: unknown } | undefined;
  const custom = client?.custom ?? client?.Custom;
  return typeof custom === 'object' && custom !== null ? (custom as Record<string, unknown>) : undefined;
};

const given = (custom: Record<string, unknown> | undefined): CallContext | undefined => {
  const sent = custom?.[CALL_CONTEXT_KEY];
  if (typeof sent !== 'string') return undefined;
  try {
    return callContext.safeParse(JSON.parse(sent)).data;
  } catch {
    return undefined;
  }
};

/**
 * Who calls and in which thread: what our gateway sent, else what AgentCore sent, else made here. A call context that
 * is not well-formed counts as none: telemetry is no reason to refuse a call.
 */
export const incoming = (context: LambdaContext | undefined, nowMs: number): Incoming => {
  const custom = context && customOf(context);
  const sent = given(custom);
  if (sent) return { call: sent, startedAtMs: timeOfUuidV7(sent.event_id), trace_id: traceIdOf(sent) };
  const event_id = uuidV7(nowMs);
  const theirs = custom?.[AGENTCORE_KEYS.awsRequestId];
  const correlation_id = (typeof theirs === 'string' && theirs.slice(0, 256)) || context?.awsRequestId || event_id;
  const call: CallContext = { event_id, correlation_id };
  return { call, startedAtMs: nowMs, trace_id: traceIdOf(call) };
};
