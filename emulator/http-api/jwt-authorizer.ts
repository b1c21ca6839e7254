import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose';
import * as z from 'zod';
import type { Clock } from '../clock.ts';

/** A GET whose answer is JSON. Rejects when there is none in time. */
export type Get = (url: string) => Promise<Response>;

/** What an authorizer was told to take. */
export interface JwtConfiguration {
  issuer: string;
  audience: readonly string[];
}

export type Authorization =
  | { claims: Record<string, string>; scopes: string[] | null }
  /** `why` is what the `www-authenticate` header says; nothing when no token came. */
  | { status: 401 | 403; why?: string };

/** API Gateway keeps an issuer's keys so long. */
const KEYS_KEPT_MS = 2 * 3_600_000;
const KEYS_PATIENCE_MS = 1_500;
/** API Gateway takes signatures by RSA only. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

const scopesIn = ({ scope, scp }: JWTPayload): string[] =>
  [scope, scp].flatMap((claim) =>
    typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim.map(String) : [],
  );

/** Every claim is handed on as text, and a list as `[a b]`. */
const asText = (claims: JWTPayload): Record<string, string> =>
  Object.fromEntries(
    Object.entries(claims).map(([name, claim]) => [
      name,
      Array.isArray(claim) ? `[${claim.join(' ')}]` : typeof claim === 'object' ? JSON.stringify(claim) : String(claim),
    ]),
  );

const isFor = ({ aud, client_id }: JWTPayload, audience: readonly string[]): boolean =>
  aud === undefined
    ? typeof client_id === 'string' && audience.includes(client_id)
    : [aud].flat().some((one) => audience.includes(one));

const whyNot = (error: unknown): string =>
  error instanceof errors.JWTExpired
    ? 'the token has expired'
    : error instanceof errors.JWTClaimValidationFailed && error.claim === 'iss'
      ? 'the token has an invalid issuer'
      : error instanceof errors.JOSEError
        ? `the token is not valid: ${error.message.replaceAll('"', "'")}`
        : 'the keys of the issuer cannot be had';

/**
 * Verifies tokens as an HTTP API's JWT authorizer does: signature by a key the issuer publishes, `iss`, `aud` or
 * `client_id`, `exp`, `nbf`, `iat`, and one of the route's scopes. Rejects when the issuer does not answer with where its
 * keys are, as the creation of an authorizer does.
 */
export const createJwtAuthorizer = async (
  { issuer, audience }: JwtConfiguration,
  { clock, get }: { clock: Clock; get: Get },
) => {
  const at = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { jwks_uri } = await get(at)
    .then(async (response) => discovery.parse(await response.json()))
    .catch((cause: unknown) => {
      throw new Error(`Caught exception when connecting to ${at} for issuer ${issuer}`, { cause });
    });
  const keys = createRemoteJWKSet(new URL(jwks_uri), {
    cacheMaxAge: KEYS_KEPT_MS,
    timeoutDuration: KEYS_PATIENCE_MS,
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
        return { status: 401, why: 'the token is of the future' };
      }
      if (!isFor(payload, audience)) return { status: 401, why: 'the token does not have a valid audience' };
      const has = scopesIn(payload);
      const matching = routeScopes.filter((scope) => has.includes(scope));
      if (routeScopes.length > 0 && matching.length === 0) return { status: 403 };
      return { claims: asText(payload), scopes: routeScopes.length > 0 ? matching : null };
    } catch (error) {
      return { status: 401, why: whyNot(error) };
    }
  };
};

export type JwtAuthorizer = Awaited<ReturnType<typeof createJwtAuthorizer>>;
