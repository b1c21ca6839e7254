import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { SESSION_HANDLE_KEY } from '../contract/client-context.ts';
import { parseJson } from '../contract/parse-json.ts';
import type { Identity } from '../front-door/identity.ts';

/** Older clients send it back on every request after `initialize`. */
export const SESSION_HEADER = 'mcp-session-id';

const CLIENT_NAME_LIMIT = 64;
const CLIENT_VERSION_LIMIT = 32;

/** What a session id or handle contains, beside what it is called. */
export const sessionFields = {
  session_id: z.uuid(),
  client_name: z.string().max(CLIENT_NAME_LIMIT).optional(),
  client_version: z.string().max(CLIENT_VERSION_LIMIT).optional(),
};
const session = z.object(sessionFields);
/** A client's calls that belong together. It is a label and proves nothing. */
export type Session = z.infer<typeof session>;

/** A client as it names itself. */
export interface NamedClient {
  name: string;
  version: string;
}

/** The session with who opened it. */
export const nameSession = ({ session_id }: Session, { name, version }: NamedClient): Session => ({
  session_id,
  client_name: name.slice(0, CLIENT_NAME_LIMIT),
  client_version: version.slice(0, CLIENT_VERSION_LIMIT),
});

/** A session that nobody has named yet. */
export const openSession = (): Session => ({ session_id: randomUUID() });

/** The session of one request. */
export interface RequestSession {
  /** Undefined when the request belongs to none. */
  session: Session | undefined;
  /** What the answer carries and the client is to send back; undefined where there are no handles. */
  handle: string | undefined;
  /** True when the request sent a handle or a session id that is not ours, or no longer valid. */
  isRefused: boolean;
}

/** How clients are known again without a store: what they send back says which session it is. */
export interface Sessions {
  /**
   * The session of a request. `inMessage` is what its message carries. Without a valid one a session is opened if
   * `mayOpen`, where there are handles.
   */
  find(headers: Headers, inMessage: unknown, caller: Identity, mayOpen: boolean): RequestSession;
  /** The same session, now that its client has named itself in `initialize`, and the session id that it is given. */
  name(found: RequestSession, client: NamedClient, caller: Identity): RequestSession & { sessionId: string };
}

/** Of a request whose sender is not admitted. */
export const NO_SESSION: RequestSession = { session: undefined, handle: undefined, isRefused: false };

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The handle that a message of the body carries, whatever it is; undefined when none does. */
export const handleIn = (body: unknown): unknown => {
  for (const message of Array.isArray(body) ? body : [body]) {
    const params = isObject(message) ? message.params : undefined;
    const meta = isObject(params) ? params._meta : undefined;
    if (isObject(meta) && Object.hasOwn(meta, SESSION_HANDLE_KEY)) return meta[SESSION_HANDLE_KEY];
  }
  return undefined;
};

/** Our session ids are never longer than this, in characters. */
const LENGTH_LIMIT = 1_024;

const encode = (opened: Session): string => Buffer.from(JSON.stringify(opened)).toString('base64url');

/** The session in a header's value; undefined when we did not issue it. */
const decode = (header: string | null): Session | undefined => {
  if (!header || header.length > LENGTH_LIMIT) return undefined;
  return session.safeParse(parseJson(Buffer.from(header, 'base64url').toString())).data;
};

/**
 * Sessions of older clients only. They name themselves once, in `initialize`, and their next request may reach another
 * process. So the session id they are given contains who they are, and they send it back.
 */
export const sessionsOfOlderClients: Sessions = {
  find: (headers) => ({ session: decode(headers.get(SESSION_HEADER)), handle: undefined, isRefused: false }),
  name(found, client) {
    const named = nameSession(openSession(), client);
    return { ...found, session: named, sessionId: encode(named) };
  },
};
