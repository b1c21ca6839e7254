import { randomUUID } from 'node:crypto';
import { readSession, SESSION_HEADER } from './session.ts';

/** What a client may call its own request: enough for any id in use, and nothing that could break a log line or a header. */
const WELL_FORMED = /^[A-Za-z0-9._:/@+=-]{8,128}$/;
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const LABEL_LIMIT = 256;

/** The headers that may name a request, the first that is well-formed counts. */
const ID_HEADERS = ['x-request-id', 'x-correlation-id'];

/** The id of a W3C trace; nothing when `traceparent` is no such thing. */
export const traceIdOf = (traceparent: unknown): string | undefined =>
  typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.[1] : undefined;

/** By which a request is followed from client to store: the client's own id, else its trace's, else a new one. */
export const correlationIdOf = (headers: Headers): string =>
  ID_HEADERS.map((name) => headers.get(name)).find((id) => id !== null && WELL_FORMED.test(id)) ??
  traceIdOf(headers.get('traceparent')) ??
  randomUUID();

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
