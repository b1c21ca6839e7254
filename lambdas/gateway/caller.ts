import { randomUUID } from 'node:crypto';
import { parseTraceparent, type TraceContext, traceContextOf } from '../observe/call/correlation.ts';
import { readSession, SESSION_HEADER } from './session.ts';

/** The longest label a call context takes, in characters. */
const LABEL_LIMIT = 256;

/** By which a request is followed from client to store: the client's own id, else its trace's, else a new one. */
export const correlationIdOf = ({ correlation_id, traceparent }: TraceContext): string =>
  correlation_id ?? parseTraceparent(traceparent)?.trace_id ?? randomUUID();

/** What follows a call: one id for the whole HTTP request, and the trace its own message names. */
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

/** `name/version (more)` → name and version. */
const fromUserAgent = (userAgent: string | undefined): Caller => {
  const [, client_name, client_version] = /^([^/\s]+)(?:\/(\S+))?/.exec(userAgent ?? '') ?? [];
  return { ...(client_name ? { client_name } : {}), ...(client_version ? { client_version } : {}) };
};

/**
 * Who calls, as far as they say: what came with the request itself, else what they said when they initialized, else their
 * user agent. All of it is hearsay, good for labels.
 */
export const callerOf = (headers: Headers, named: { name: string; version: string } | undefined): Caller => {
  const user_agent = headers.get('user-agent') ?? undefined;
  const labels: Caller = {
    ...fromUserAgent(user_agent),
    ...readSession(headers.get(SESSION_HEADER)),
    ...(named ? { client_name: named.name, client_version: named.version } : {}),
    ...(user_agent ? { user_agent } : {}),
  };
  return Object.fromEntries(
    Object.entries(labels)
      .map(([key, label]) => [key, label.slice(0, LABEL_LIMIT)])
      .filter(([, label]) => label),
  );
};
