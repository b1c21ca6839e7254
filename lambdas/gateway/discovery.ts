import { createRpcError } from './reject-early.ts';

/** Where a client learns which issuer's tokens to send. The path of the protected resource may follow. */
const METADATA_PATH = '/.well-known/oauth-protected-resource';
const MCP_PATH = '/mcp';
const MAX_AGE_SECONDS = 3_600;
const UNAUTHORIZED = -32_001;

/** Whose tokens are accepted, and with which scopes; one of the scopes is enough. */
export interface AcceptedTokens {
  issuer: string;
  scopes: readonly string[];
}

const urlAt = (request: Request, path: string): string => new URL(path, request.url).href;

/** The protected resource metadata of RFC 9728, for a request that asks for it; undefined for any other request. */
export const answerDiscovery = (request: Request, { issuer, scopes }: AcceptedTokens): Response | undefined => {
  const { pathname } = new URL(request.url);
  if (request.method !== 'GET' || ![METADATA_PATH, `${METADATA_PATH}${MCP_PATH}`].includes(pathname)) return undefined;
  const metadata = {
    resource: urlAt(request, MCP_PATH),
    authorization_servers: [issuer],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
  };
  return Response.json(metadata, {
    headers: { 'cache-control': `public, max-age=${MAX_AGE_SECONDS}`, 'access-control-allow-origin': '*' },
  });
};

/** The answer to a request without a token: it says where the client learns whose tokens to send. */
export const challengeForToken = (request: Request, message: string): Response => {
  const response = createRpcError(401, UNAUTHORIZED, message);
  const metadata = urlAt(request, `${METADATA_PATH}${MCP_PATH}`);
  response.headers.set('www-authenticate', `Bearer resource_metadata="${metadata}"`);
  return response;
};
