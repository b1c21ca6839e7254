import { readAccess, readSignIn } from '../sign-in/access.ts';
import { pastedToken } from '../sign-in/pasted-token.ts';
import { session } from '../sign-in/storage.ts';
import { currentToken, hasExpired, renewToken } from '../sign-in/tokens.ts';
import { isUnanswered } from './is-unanswered.ts';
import { noteServerTime } from './server-clock.ts';

/** The reader is unknown, or may not see this. */
export class AccessRefused extends Error {
  override name = 'AccessRefused';
}

/** The reader is known, and may not see this. */
export class Forbidden extends AccessRefused {
  override name = 'Forbidden';
}

/** There is no such thing, or the reader sees nothing of it. */
export class NotFound extends Error {
  override name = 'NotFound';
}

/** After this long without an answer there will be none: the front door gives up earlier. */
const TIMEOUT_MS = 40_000;

const refuseSignedOut = (): AccessRefused =>
  new AccessRefused(hasExpired() ? 'Your sign-in has ended. Sign in again.' : 'You are signed out.');

interface Request {
  readonly method?: 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const request = async (path: string, { method, body, signal }: Request, token?: string): Promise<Response> => {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(path, {
    ...(method && { method }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
  });
  noteServerTime(response.headers.get('date'));
  return response;
};

/** How many requests are under way at the same time: each takes one of the api's instances, of which others need some. */
const MAX_UNDER_WAY = 4;
let underWay = 0;
const waiting: (() => void)[] = [];

/** Runs some work once fewer than `MAX_UNDER_WAY` are under way, in the order of the calls. */
const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  if (underWay >= MAX_UNDER_WAY) await new Promise<void>((resolve) => waiting.push(resolve));
  else underWay += 1;
  try {
    return await work();
  } finally {
    // Whoever waits longest takes the place, which is then not free in between.
    const next = waiting.shift();
    if (next) next();
    else underWay -= 1;
  }
};

/** Sends a request with the token of whoever is signed in, and once more with a new one when that is refused. */
const requestSignedIn = async (path: string, sent: Request): Promise<Response> => {
  const signIn = readSignIn();
  if (!signIn) return request(path, sent, pastedToken.read());
  const token = await currentToken(signIn);
  if (token === undefined) throw refuseSignedOut();
  const response = await request(path, sent, token);
  if (response.status !== 401) return response;
  // Another request may have renewed it meanwhile.
  const current = session.read()?.access_token;
  const renewed = current === token ? await renewToken(signIn) : current;
  if (renewed === undefined) throw refuseSignedOut();
  return request(path, sent, renewed);
};

/** What a reader does whose sign-in the server does not accept. */
const adviseOnAccess = (): string => {
  const access = readAccess();
  if (access === 'none') return 'The server wants a token, and this page has none. Ask whoever deployed it.';
  if (access === 'token') return 'The server does not accept this token. Write another one.';
  return 'The server does not accept your sign-in. Sign out, and in again.';
};

interface ProblemAnswer {
  readonly detail?: string;
  readonly message?: string;
}

const toError = (path: string, { method }: Request, status: number, answer: ProblemAnswer | undefined): Error => {
  if (status === 401) return new AccessRefused(adviseOnAccess());
  if (status === 403) {
    // What stands before the function says one word, which says nothing more.
    const why = answer?.detail === undefined ? '' : ` ${answer.detail}`;
    return new Forbidden(`You may not ${method ? 'do' : 'see'} this.${why}`);
  }
  const message = answer?.detail ?? answer?.message ?? `${path} answered ${status}`;
  return status === 404 ? new NotFound(message) : new Error(message);
};

/** The answer to a request. Throws with the server's message, or with the network's in a sentence. */
const send = async <Answer>(path: string, sent: Request): Promise<Answer> => {
  const response = await inTurn(() => requestSignedIn(path, sent)).catch((error: unknown) => {
    // What browsers say of a server that is not there differs, and helps nobody.
    throw isUnanswered(error) ? new Error('The server does not answer.', { cause: error }) : error;
  });
  const answer = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer as Answer;
  throw toError(path, sent, response.status, answer);
};

/** The answer to a GET. */
export const get = <Answer>(address: string, signal: AbortSignal): Promise<Answer> => send<Answer>(address, { signal });

/** The answer to a request that changes something. */
export const change = <Answer>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown): Promise<Answer> =>
  send<Answer>(path, { method, body });
