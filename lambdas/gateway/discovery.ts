import { rpcError } from './reject-early.ts';

/** Where a client learns whose tokens to bring. The path of what it protects may follow. */
const METADATA_PATH = '/.well-known/oauth-protected-resource';
const MCP_PATH = '/mcp';
const KEPT_SECONDS = 3_600;
const UNAUTHORIZED = -32_001;

/** Whose tokens are taken, and with which scopes; one of these is enough. */
export interface Tokens {
  issuer: string;
  scopes: readonly string[];
}

const ours = (request: Request, path: string): string => new URL(path, request.url).href;

/** The protected resource's metadata of RFC 9728, for a request that asks for it; nothing for any other. */
export const discoverTokens = (request: Request, { issuer, scopes }: Tokens): Response | undefined => {
  const { pathname } = new URL(request.url);
  if (request.method !== 'GET' || ![METADATA_PATH, `${METADATA_PATH}${MCP_PATH}`].includes(pathname)) return undefined;
  const metadata = {
    resource: ours(request, MCP_PATH),
    authorization_servers: [issuer],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
  };
  return Response.json(metadata, {
    headers: { 'cache-control': `public, max-age=${KEPT_SECONDS}`, 'access-control-allow-origin': '*' },
  });
};

/** The answer to somebody without a token, which says where to learn of one. */
export const challenge = (request: Request, message: string): Response => {
  const response = rpcError(401, UNAUTHORIZED, message);
  const metadata = ours(request, `${METADATA_PATH}${MCP_PATH}`);
  response.headers.set('www-authenticate', `Bearer resource_metadata="${metadata}"`);
  return response;
};
