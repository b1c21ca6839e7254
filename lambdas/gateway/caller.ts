import { randomUUID } from 'node:crypto';
import { parseTraceparent, type TraceContext, traceContextOf } from '../observe/call/correlation.ts';
import { readSession, SESSION_HEADER } from './session.ts';

/** The longest label a call context takes, in characters. */
const LABEL_LIMIT = 256;

/** The id that follows a request from client to store: the client's own id, else its trace's, else a new one. */
export const correlationIdOf = ({ correlation_id, traceparent }: TraceContext): string =>
  correlation_id ?? parseTraceparent(traceparent)?.trace_id ?? randomUUID();

/** A call's trace context: one correlation id for the whole HTTP request, and the trace its own message names. */
export const traceContextOfCall = (
  { headers, correlationId }: { headers: Headers; correlationId: string },
  meta: Record<string, unknown> = {},
): TraceContext & { correlation_id: string } => ({ ...traceContextOf(headers, meta), correlation_id: correlationId });

export interface Caller {
  session_id?: string;
  client_name?: string;
  client_version?: string;
  user_agent?: string;
}

/** `name/version (comment)` → name and version. */
const parseUserAgent = (userAgent: string | undefined): Caller => {
  const [, client_name, client_version] = /^([^/\s]+)(?:\/(\S+))?/.exec(userAgent ?? '') ?? [];
  return { ...(client_name ? { client_name } : {}), ...(client_version ? { client_version } : {}) };
};

/**
 * Who calls, as the client describes itself: in the request, else when it initialized its session, else in its user
 * agent. All of it is unverified and good for labels only.
 */
export const callerOf = (headers: Headers, client: { name: string; version: string } | undefined): Caller => {
  const user_agent = headers.get('user-agent') ?? undefined;
  const labels: Caller = {
    ...parseUserAgent(user_agent),
    ...readSession(headers.get(SESSION_HEADER)),
    ...(client ? { client_name: client.name, client_version: client.version } : {}),
    ...(user_agent ? { user_agent } : {}),
  };
  return Object.fromEntries(
    Object.entries(labels)
      .map(([key, label]) => [key, label.slice(0, LABEL_LIMIT)])
      .filter(([, label]) => label),
  );
};
