import type { Received } from './http.ts';
import { type Answer, reject } from './reject-early.ts';
import { RPC_CODES } from './rejections.ts';

/** Where a client learns which issuer's tokens to send. The path of the protected resource may follow. */
const METADATA_PATH = '/.well-known/oauth-protected-resource';
const MCP_PATH = '/mcp';
const MAX_AGE_SECONDS = 3_600;

/** Whose tokens are accepted, and the scopes that clients ask for: one of them is enough. */
export interface AcceptedTokens {
  issuer: string;
  scopes: readonly string[];
}

type Address = Pick<Received, 'url'>;

const urlAt = ({ url }: Address, path: string): string => new URL(path, url).href;

/** The protected resource metadata of RFC 9728, for a request that asks for it; undefined for any other request. */
export const answerDiscovery = (received: Received, { issuer, scopes }: AcceptedTokens): Answer | undefined => {
  const { method, url } = received;
  if (method !== 'GET' || ![METADATA_PATH, `${METADATA_PATH}${MCP_PATH}`].includes(url.pathname)) return undefined;
  const metadata = {
    resource: urlAt(received, MCP_PATH),
    authorization_servers: [issuer],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
  };
  const response = Response.json(metadata, {
    headers: { 'cache-control': `public, max-age=${MAX_AGE_SECONDS}`, 'access-control-allow-origin': '*' },
  });
  return { response, rejections: [] };
};

/** The answer to a request without a token: it says where the client learns whose tokens to send. */
export const challengeForToken = (address: Address, message: string): Answer =>
  reject(401, RPC_CODES.unauthorized, message, {
    'www-authenticate': `Bearer resource_metadata="${urlAt(address, `${METADATA_PATH}${MCP_PATH}`)}"`,
  });
