import { randomUUID } from 'node:crypto';
import * as z from 'zod';

/**
 * Older clients name themselves once, in `initialize`, and the next request may meet another process. So the session id
 * they are given says who they are, and they bring it along: there is nothing to remember. It labels and proves nothing.
 */
const session = z.object({ session_id: z.uuid(), client_name: z.string().max(64), client_version: z.string().max(32) });
export type Session = z.infer<typeof session>;

/** The header older clients send back on every request after `initialize`. */
export const SESSION_HEADER = 'mcp-session-id';
/** Longer ones are not ours. */
const LENGTH_LIMIT = 1_024;

/** A new session of a client, as the value of its header. */
export const openSession = ({ name, version }: { name: string; version: string }): string => {
  const opened: Session = {
    session_id: randomUUID(),
    client_name: name.slice(0, 64),
    client_version: version.slice(0, 32),
  };
  return Buffer.from(JSON.stringify(opened)).toString('base64url');
};

/** What a header's value says; nothing when it is not one of ours. */
export const readSession = (header: string | null): Session | undefined => {
  if (!header || header.length > LENGTH_LIMIT) return undefined;
  try {
    return session.parse(JSON.parse(Buffer.from(header, 'base64url').toString()));
  } catch {
    return undefined;
  }
};
