import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { parseJson } from '../contract/parse-json.ts';

/**
 * Older clients name themselves once, in `initialize`, and their next request may reach another process. So the session
 * id they are given contains who they are, they send it back, and no state is needed. It is a label and proves nothing.
 */
const session = z.object({ session_id: z.uuid(), client_name: z.string().max(64), client_version: z.string().max(32) });
export type Session = z.infer<typeof session>;

/** The header older clients send back on every request after `initialize`. */
export const SESSION_HEADER = 'mcp-session-id';
/** Our session ids are never longer than this, in characters. */
const LENGTH_LIMIT = 1_024;

/** The header value of a new session for this client. */
export const openSession = ({ name, version }: { name: string; version: string }): string => {
  const opened: Session = {
    session_id: randomUUID(),
    client_name: name.slice(0, 64),
    client_version: version.slice(0, 32),
  };
  return Buffer.from(JSON.stringify(opened)).toString('base64url');
};

/** The session in a header's value; undefined when we did not issue it. */
export const readSession = (header: string | null): Session | undefined => {
  if (!header || header.length > LENGTH_LIMIT) return undefined;
  return session.safeParse(parseJson(Buffer.from(header, 'base64url').toString())).data;
};
