import { randomUUID } from 'node:crypto';
import type { CallContext } from '../contract/call-context.ts';
import type { UnverifiedLabel } from '../contract/client-context.ts';
import type { UnverifiedLabels } from '../front-door/unverified-token.ts';
import { parseTraceparent, type TraceContext, traceContextOf } from '../observe/call/correlation.ts';
import type { NamedClient, Session } from './session.ts';

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

/** What a client is called. */
interface ClientLabels {
  client_name?: string;
  client_version?: string;
}

/** `name/version (comment)` → name and version. */
const parseUserAgent = (userAgent: string | undefined): ClientLabels => {
  const [, client_name, client_version] = /^([^/\s]+)(?:\/(\S+))?/.exec(userAgent ?? '') ?? [];
  return { ...(client_name ? { client_name } : {}), ...(client_version ? { client_version } : {}) };
};

/** What a request says of who sends it, none of it verified. */
export interface CallerClaims {
  headers: Headers;
  session: Session | undefined;
  /** From a token that nothing verified. */
  labels: UnverifiedLabels;
}

type Caller = ClientLabels &
  Pick<CallContext, 'session_id' | 'user_agent' | 'user_id' | 'source_gpt'> & { unverified?: UnverifiedLabel[] };

const hasText = (entry: [string, string | undefined]): entry is [string, string] => Boolean(entry[1]);

/**
 * Who calls, as the client describes itself: in the request, else when it initialized its session, else in its token,
 * else in its user agent. All of it is unverified and good for labels only.
 */
export const callerOf = ({ headers, session, labels }: CallerClaims, client: NamedClient | undefined): Caller => {
  const user_agent = headers.get('user-agent') ?? undefined;
  const { unverified = [], ...claimed } = labels;
  const named: ClientLabels = {
    ...(session?.client_name && { client_name: session.client_name }),
    ...(session?.client_version && { client_version: session.client_version }),
    ...(client && { client_name: client.name, client_version: client.version }),
  };
  const texts = {
    ...parseUserAgent(user_agent),
    ...claimed,
    session_id: session?.session_id,
    ...named,
    user_agent,
  };
  const fromToken = unverified.filter((label) => label !== 'client_name' || named.client_name === undefined);
  return {
    ...Object.fromEntries(
      Object.entries(texts)
        .filter(hasText)
        .map(([key, text]) => [key, text.slice(0, LABEL_LIMIT)]),
    ),
    ...(fromToken.length > 0 && { unverified: fromToken }),
  };
};
