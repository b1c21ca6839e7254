import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Place } from '../place.ts';
import type { Serve } from '../serve.ts';
import { Authorization, type PageAnswer } from './authorization.ts';
import { addToGroup, addUser, type UserPool } from './pool.ts';
import { createCognitoHandlers, findPool, type Pools } from './resources.ts';
import { type Answer, answerRevocation, answerTokenRequest } from './token-endpoint.ts';
import { Tokens } from './tokens.ts';

interface CognitoOptions {
  place: Place;
  clock: Clock;
  /**
   * Where browsers reach what AWS serves under names of its own: the issuers and the pages for signing in. Without a
   * slash at its end.
   */
  url: string;
}

/** What a browser lets pages of every origin read. */
const READABLE = { 'access-control-allow-origin': '*' };

const sendAnswer = (response: ServerResponse, { status, body }: Answer, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(body && JSON.stringify(body));
};

const sendPage = (response: ServerResponse, { status, headers, html = '' }: PageAnswer): void => {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    // With `no-referrer` browsers send forms with the origin `null`, which no check of origins takes.
    'referrer-policy': 'same-origin',
    ...headers,
  });
  response.end(html);
};

/** The endpoints at a pool's domain. */
const endpointsOf = ({ domain }: UserPool, url: string) =>
  domain === undefined
    ? {}
    : {
        authorization_endpoint: `${url}/${domain}/oauth2/authorize`,
        token_endpoint: `${url}/${domain}/oauth2/token`,
        revocation_endpoint: `${url}/${domain}/oauth2/revoke`,
        end_session_endpoint: `${url}/${domain}/logout`,
      };

/** What an issuer publishes below `/.well-known/`. */
const DOCUMENTS: Readonly<Record<string, (pool: UserPool, url: string) => object>> = {
  'openid-configuration': (pool, url) => ({
    issuer: pool.issuer,
    jwks_uri: `${pool.issuer}/.well-known/jwks.json`,
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'token'],
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    ...endpointsOf(pool, url),
  }),
  'jwks.json': ({ jwk }) => ({ keys: [jwk] }),
};

/** What an operator does in the console or with the AWS CLI. */
const administrate = (pools: Pools, tokensOf: (pool: UserPool) => Tokens, url: string) => ({
  /** Adds a person, as an operator would in the console; the groups they are in are created where there are none. */
  addUser: (poolId: string, email: string, groups: readonly string[] = []): void => {
    const pool = findPool(pools, poolId);
    const { username } = addUser(pool, email);
    for (const group of groups) {
      pool.groups.add(group);
      addToGroup(pool, username, group);
    }
  },

  /** The secret of a machine, as `aws cognito-idp describe-user-pool-client` shows it. */
  secretOf: (poolId: string, clientId: string): string | undefined =>
    findPool(pools, poolId).clients.get(clientId)?.secret,

  /** A token with all that a machine may do, as its token endpoint answers it. */
  tokenOfMachine: async (poolId: string, clientId: string): Promise<string> => {
    const pool = findPool(pools, poolId);
    const client = pool.clients.get(clientId);
    if (!client?.flows.includes('client_credentials')) throw new AwsError('unauthorized_client', clientId);
    return String((await tokensOf(pool).issueToMachine(client, client.scopes)).access_token);
  },

  /** Where the clients of a pool ask for tokens. */
  tokenUrlOf: (poolId: string): string => `${url}/${findPool(pools, poolId).domain}/oauth2/token`,
});

/** User pools with their domains: who signs in there gets tokens that are signed, expire and are verified as in AWS. */
export const createCognito = ({ place, clock, url }: CognitoOptions) => {
  const { pathname: basePath } = new URL(url);
  const tokens = new Map<UserPool, Tokens>();
  const pages = new Map<UserPool, Authorization>();
  const pools: Pools = {
    byId: new Map(),
    byDomain: new Map(),
    region: place.region,
    issuerOf: (poolId) => `${url}/${poolId}`,
  };

  const tokensOf = (pool: UserPool): Tokens => {
    const known = tokens.get(pool) ?? new Tokens(pool, clock);
    tokens.set(pool, known);
    return known;
  };
  const pagesOf = (pool: UserPool, path: string): Authorization => {
    const known = pages.get(pool) ?? new Authorization(tokensOf(pool), clock, path);
    pages.set(pool, known);
    return known;
  };

  /** What an issuer publishes; undefined for any other path below the base. */
  const documentAt = (path: string): object | undefined => {
    const [, poolId = '', document = ''] = /^\/([^/]+)\/\.well-known\/(.+)$/.exec(path) ?? [];
    const pool = pools.byId.get(poolId);
    return pool && DOCUMENTS[document]?.(pool, url);
  };

  const serveDomain = async (
    pool: UserPool,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const authorization = pagesOf(pool, `${basePath}/${pool.domain}`);
    const query = new URL(request.url ?? '/', url).searchParams;
    if (path === '/oauth2/token') {
      return sendAnswer(response, await answerTokenRequest(tokensOf(pool), request), READABLE);
    }
    if (path === '/oauth2/revoke') return sendAnswer(response, await answerRevocation(tokensOf(pool), request));
    if (path === '/oauth2/authorize') return sendPage(response, authorization.authorize(request, query));
    if (path === '/login') return sendPage(response, await authorization.login(request, query));
    if (path === '/logout') return sendPage(response, authorization.logout(request, query));
    return sendAnswer(response, { status: 404, body: { error: 'not_found' } });
  };

  const serve: Serve = async (request, response): Promise<void> => {
    const path = new URL(request.url ?? '/', url).pathname.slice(basePath.length);
    const document = documentAt(path);
    if (document) return sendAnswer(response, { status: 200, body: document }, READABLE);
    const [, domain = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(path) ?? [];
    const pool = pools.byDomain.get(domain);
    if (!pool) return sendAnswer(response, { status: 404, body: { error: 'not_found' } });
    return serveDomain(pool, rest, request, response);
  };

  return {
    handlers: createCognitoHandlers(pools),
    serve,

    /** What API Gateway reads of an issuer of this account; undefined for an address of anybody else's. */
    get: (address: string): Response | undefined => {
      if (!address.startsWith(`${url}/`)) return undefined;
      const document = documentAt(address.slice(url.length));
      return document ? Response.json(document) : new Response(null, { status: 404 });
    },

    ...administrate(pools, tokensOf, url),
  };
};
