import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose';
import * as z from 'zod';
import type { Clock } from '../clock.ts';

/** A GET for a JSON document. Rejects when there is no answer in time. */
export type Get = (url: string) => Promise<Response>;

/** Whose tokens an authorizer accepts, and for whom. */
export interface JwtConfiguration {
  issuer: string;
  audience: readonly string[];
}

export type Authorization =
  /** `scopes` are all those of the token, not only the route's; null for a route without scopes. */
  | { claims: Record<string, string>; scopes: string[] | null }
  /** `why` goes into the `www-authenticate` header; it is absent when the request has no token. */
  | { status: 401 | 403; why?: string };

/** How long API Gateway caches an issuer's keys. */
const KEYS_CACHE_MS = 2 * 3_600_000;
const KEYS_TIMEOUT_MS = 1_500;
/** API Gateway accepts only RSA signatures. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];

const discoveryDocument = z.object({ issuer: z.string(), jwks_uri: z.url() });

const toScopes = (claim: unknown): string[] => {
  if (typeof claim === 'string') return claim.split(' ').filter(Boolean);
  return Array.isArray(claim) ? claim.map(String) : [];
};

const toClaimText = (claim: unknown): string => {
  if (Array.isArray(claim)) return `[${claim.join(' ')}]`;
  return typeof claim === 'object' ? JSON.stringify(claim) : String(claim);
};

/** The claims as the function receives them: each as text, a list as `[a b]`, and none that is null. */
const claimsAsText = (claims: JWTPayload): Record<string, string> =>
  Object.fromEntries(
    Object.entries(claims)
      .filter(([, claim]) => claim !== null && claim !== undefined)
      .map(([name, claim]) => [name, toClaimText(claim)]),
  );

/** Whether the token is for this audience; `client_id` counts only in a token without `aud`. */
const isForAudience = ({ aud, client_id }: JWTPayload, audience: readonly string[]): boolean => {
  if (aud === undefined) return typeof client_id === 'string' && audience.includes(client_id);
  return [aud].flat().some((entry) => audience.includes(entry));
};

const rejectionReasonOf = (error: unknown): string => {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'iss') {
    return 'the token has an invalid issuer';
  }
  if (error instanceof errors.JOSEError) return `the token is not valid: ${error.message.replaceAll('"', "'")}`;
  return 'the keys of the issuer could not be fetched';
};

/** Where the issuer publishes its keys. Rejects in AWS's words when it does not say so. */
const discoverKeysUrl = async (issuer: string, get: Get): Promise<URL> => {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  try {
    const response = await get(url);
    return new URL(discoveryDocument.parse(await response.json()).jwks_uri);
  } catch (cause) {
    throw new Error(`Caught exception when connecting to ${url} for issuer ${issuer}`, { cause });
  }
};

/**
 * Verifies tokens as an HTTP API's JWT authorizer does: a signature by a key that the issuer publishes, `iss`, `aud` or
 * `client_id`, `exp`, `nbf`, `iat`, and one of the route's scopes. Rejects, as API Gateway does when it creates an
 * authorizer, when the issuer does not answer with the location of its keys.
 */
export const createJwtAuthorizer = async (
  { issuer, audience }: JwtConfiguration,
  { clock, get }: { clock: Clock; get: Get },
) => {
  const keys = createRemoteJWKSet(await discoverKeysUrl(issuer, get), {
    cacheMaxAge: KEYS_CACHE_MS,
    timeoutDuration: KEYS_TIMEOUT_MS,
    [customFetch]: get,
  });

  return async (header: string | undefined, routeScopes: readonly string[]): Promise<Authorization> => {
    const token = header?.replace(/^Bearer /i, '').trim();
    if (!token) return { status: 401 };
    const now = clock.now();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer,
        algorithms: ALGORITHMS,
        currentDate: new Date(now),
        requiredClaims: ['exp'],
      });
      if (!protectedHeader.kid) return { status: 401, why: 'the token does not name its key' };
      if (payload.iat !== undefined && payload.iat * 1_000 > now) {
        return { status: 401, why: 'the token was issued in the future' };
      }
      if (!isForAudience(payload, audience)) return { status: 401, why: 'the token does not have a valid audience' };
      if (routeScopes.length === 0) return { claims: claimsAsText(payload), scopes: null };
      const tokenScopes = [payload.scope, payload.scp].flatMap(toScopes);
      const isAdmitted = routeScopes.some((scope) => tokenScopes.includes(scope));
      return isAdmitted ? { claims: claimsAsText(payload), scopes: tokenScopes } : { status: 403 };
    } catch (error) {
      return { status: 401, why: rejectionReasonOf(error) };
    }
  };
};

export type JwtAuthorizer = Awaited<ReturnType<typeof createJwtAuthorizer>>;
