import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.ts';
import { readBody } from '../http-api/payload-v2.ts';
import { type Client, knowsScope, requestedScopes, type User, type UserPool } from './pool.ts';
import { formatRefusalPage, formatSignInPage } from './sign-in-page.ts';
import { randomText, type Tokens } from './tokens.ts';

/** What the pages for people answer. */
export interface PageAnswer {
  status: number;
  headers?: Record<string, string>;
  html?: string;
}

/** A request for a code whose client and address for the answer are known. */
interface AuthorizationRequest {
  client: Client;
  redirectUri: string;
  query: URLSearchParams;
}

const COOKIE = 'cognito';
/** How long a browser need not sign in again. */
const SESSION_MS = 60 * 60 * 1_000;
const MAX_BODY_BYTES = 16_384;
/** A resource is named by an address. */
const RESOURCE = /^(https:\/\/|http:\/\/localhost|(?!https?:)[a-z][a-z0-9.+-]*:\/\/)/;

const refuse = (why: string): PageAnswer => ({ status: 400, html: formatRefusalPage(why) });

const redirect = (to: string, headers: Record<string, string> = {}): PageAnswer => ({
  status: 302,
  headers: { location: to, ...headers },
});

const withParameters = (address: string, parameters: Record<string, string | null>): string => {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value);
  return url.href;
};

/** Why a request cannot be answered at its client's address, in a sentence; the request itself where it can. */
const readRequest = ({ clients }: UserPool, query: URLSearchParams): AuthorizationRequest | string => {
  const client = clients.get(query.get('client_id') ?? '');
  if (!client) return 'There is no client of this client_id.';
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client.callbackUrls.includes(redirectUri)) {
    return `The client ${client.name} has no callback ${redirectUri.slice(0, 200)}. Its callbacks are ${client.callbackUrls.join(', ')}.`;
  }
  return { client, redirectUri, query };
};

/** The error in a request that is reported to its client; undefined for a request that is right. */
const findError = (pool: UserPool, { client, query }: AuthorizationRequest): string | undefined => {
  if (query.get('response_type') !== 'code') return 'unsupported_response_type';
  if (!client.flows.includes('code')) return 'unauthorized_client';
  const scopes = requestedScopes(client, query);
  if (!scopes.every((scope) => client.scopes.includes(scope) && knowsScope(pool, scope))) return 'invalid_scope';
  const method = query.get('code_challenge_method');
  const hasChallenge = query.has('code_challenge');
  if (hasChallenge ? method !== 'S256' : method !== null) return 'invalid_request';
  const resource = query.get('resource');
  return resource !== null && !RESOURCE.test(resource) ? 'invalid_request' : undefined;
};

/** The pages of one pool's domain: signing in and out, with a session of the browser. */
export class Authorization {
  private readonly sessions = new Map<string, { user: User; signedInAt: number }>();
  private readonly tokens: Tokens;
  private readonly clock: Clock;
  /** Of the domain's pages, without a slash at its end. */
  private readonly path: string;

  constructor(tokens: Tokens, clock: Clock, path: string) {
    this.tokens = tokens;
    this.clock = clock;
    this.path = path;
  }

  /** GET /oauth2/authorize */
  authorize(request: IncomingMessage, query: URLSearchParams): PageAnswer {
    const read = this.read(query);
    if ('status' in read) return read;
    const session = this.sessionOf(request);
    // `prompt=login` asks for the person again, although the browser still has a session.
    if (session && query.get('prompt') !== 'login') return this.sendCode(read, session);
    return redirect(`${this.path}/login?${query}`);
  }

  /** GET and POST /login */
  async login(request: IncomingMessage, query: URLSearchParams): Promise<PageAnswer> {
    const read = this.read(query);
    if ('status' in read) return read;
    const { pool } = this.tokens;
    const page = { status: 200, html: formatSignInPage(pool, `${this.path}/login?${query}`) };
    if (request.method !== 'POST') return page;
    const body = await readBody(request, MAX_BODY_BYTES);
    const user = pool.users.get(new URLSearchParams(body?.toString()).get('username') ?? '');
    if (!user) return page;
    const [id, session] = [randomText(), { user, signedInAt: this.clock.now() }];
    this.sessions.set(id, session);
    return this.sendCode(read, session, { 'set-cookie': `${COOKIE}=${id}; Path=${this.path}; HttpOnly; SameSite=Lax` });
  }

  /** GET /logout */
  logout(request: IncomingMessage, query: URLSearchParams): PageAnswer {
    const client = this.tokens.pool.clients.get(query.get('client_id') ?? '');
    if (!client) return refuse('There is no client of this client_id.');
    const to = query.get('logout_uri');
    if (to === null) return refuse('The request has no logout_uri.');
    if (!client.logoutUrls.includes(to)) {
      return refuse(`The client ${client.name} may not lead to ${to.slice(0, 200)} after signing out.`);
    }
    this.sessions.delete(this.sessionIdOf(request));
    return redirect(to, { 'set-cookie': `${COOKIE}=; Path=${this.path}; Max-Age=0` });
  }

  private read(query: URLSearchParams): AuthorizationRequest | PageAnswer {
    const read = readRequest(this.tokens.pool, query);
    if (typeof read === 'string') return refuse(read);
    const error = findError(this.tokens.pool, read);
    return error ? redirect(withParameters(read.redirectUri, { error, state: query.get('state') })) : read;
  }

  private sendCode(
    { client, redirectUri, query }: AuthorizationRequest,
    { user, signedInAt }: { user: User; signedInAt: number },
    headers: Record<string, string> = {},
  ): PageAnswer {
    const code = this.tokens.createCode({
      redirectUri,
      challenge: query.get('code_challenge') ?? undefined,
      grant: {
        client,
        user,
        signedInAt,
        scopes: requestedScopes(client, query),
        nonce: query.get('nonce') ?? undefined,
        resource: query.get('resource') ?? undefined,
        family: randomUUID(),
      },
    });
    return redirect(withParameters(redirectUri, { code, state: query.get('state') }), headers);
  }

  private sessionIdOf({ headers }: IncomingMessage): string {
    return new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(headers.cookie ?? '')?.[1] ?? '';
  }

  private sessionOf(request: IncomingMessage) {
    const session = this.sessions.get(this.sessionIdOf(request));
    return session && session.signedInAt + SESSION_MS > this.clock.now() ? session : undefined;
  }
}
