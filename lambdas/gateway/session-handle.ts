import * as z from 'zod';
import { SESSION_HANDLE_HEADER } from '../contract/client-context.ts';
import { DAY_MS, SECOND_MS } from '../contract/durations.ts';
import { parseJson } from '../contract/parse-json.ts';
import type { Identity } from '../front-door/identity.ts';
import { isSignatureOf, type Signer, sign } from '../observe/call/signature.ts';
import {
  nameSession,
  openSession,
  type RequestSession,
  SESSION_HEADER,
  type Session,
  type Sessions,
  sessionFields,
} from './session.ts';

/** After this a handle is refused and its client gets a new session. */
const VALIDITY_MS = 7 * DAY_MS;
/** No handle of ours is longer, in characters. */
const HANDLE_LIMIT = 1_200;

/** A handle has the form of a JWT, so whatever recognises secrets by their format recognises it. */
const HEADER = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'toolwatch-session' })).toString('base64url');
const HANDLE = /^([\w-]+\.([\w-]+))\.([\w-]+)$/;

const payload = z.object({ ...sessionFields, exp: z.int() });

/** What is signed: also for whom, so that nobody can use the handle of another tenant or user. */
const textToSign = (unsigned: string, { tenant_id, user_id }: Identity): string =>
  JSON.stringify([unsigned, tenant_id ?? null, user_id ?? null]);

/** The first valid handle of those that a request sent; those before it are refused. */
const findValid = (sent: readonly unknown[], read: (handle: unknown) => Session | undefined) => {
  let isRefused = false;
  for (const handle of sent) {
    const session = read(handle);
    if (session) return { session, handle: handle as string, isRefused };
    isRefused = true;
  }
  return { session: undefined, handle: undefined, isRefused };
};

/**
 * Sessions for all clients, also for those of protocols without any: each answer carries a handle, signed with a key
 * that is derived from the deployment's, which the client sends back. Only handles of ours are accepted.
 */
export const createSignedSessions = (deploymentKey: string, now: () => number = Date.now): Sessions => {
  const signer: Signer = { deploymentKey, purpose: 'toolwatch session handle', encoding: 'base64url' };

  const issue = (session: Session, caller: Identity): string => {
    const exp = Math.floor((now() + VALIDITY_MS) / SECOND_MS);
    const unsigned = `${HEADER}.${Buffer.from(JSON.stringify({ ...session, exp })).toString('base64url')}`;
    return `${unsigned}.${sign(signer, textToSign(unsigned, caller))}`;
  };

  const read = (handle: unknown, caller: Identity): Session | undefined => {
    if (typeof handle !== 'string' || handle.length > HANDLE_LIMIT) return undefined;
    const [, unsigned = '', body = '', signature = ''] = HANDLE.exec(handle) ?? [];
    if (!isSignatureOf(signer, textToSign(unsigned, caller), signature)) return undefined;
    const parsed = payload.safeParse(parseJson(Buffer.from(body, 'base64url').toString()));
    if (!parsed.success || parsed.data.exp * SECOND_MS <= now()) return undefined;
    const { exp: _, ...session } = parsed.data;
    return session;
  };

  return {
    find(headers, inMessage, caller, mayOpen): RequestSession {
      const sent = [inMessage, headers.get(SESSION_HANDLE_HEADER), headers.get(SESSION_HEADER)].filter(
        (handle) => handle !== undefined && handle !== null && handle !== '',
      );
      const found = findValid(sent, (handle) => read(handle, caller));
      if (found.session || !mayOpen) return found;
      const session = openSession();
      return { session, handle: issue(session, caller), isRefused: found.isRefused };
    },
    name(found, client, caller) {
      const named = nameSession(found.session ?? openSession(), client);
      const handle = issue(named, caller);
      return { ...found, session: named, handle, sessionId: handle };
    },
  };
};
