import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { DIRECT, TENANT_HEADER } from '../contract/direct-request.ts';
import type { FrontDoorEnv } from '../contract/env.ts';

/** What is known about the sender of a request. Without a tenant, the sender is the operator. */
export interface Identity {
  tenant_id?: string;
  user_id?: string;
}

/** A request that is not admitted: the HTTP status, and the reason in a sentence. */
export interface RefusedIdentity {
  refused: { status: 400 | 401 | 403; message: string };
}

type Event = Pick<APIGatewayProxyEventV2, 'headers' | 'requestContext'>;
type Claims = Record<string, unknown>;

const TENANT = /^[\w.:@-]{1,128}$/;
const MAX_USER_LENGTH = 256;

const verifiedToken = z.object({
  authorizer: z.object({ jwt: z.object({ claims: z.record(z.string(), z.unknown()) }) }),
});

const refuse = (status: RefusedIdentity['refused']['status'], message: string): RefusedIdentity => ({
  refused: { status, message },
});

/** API Gateway passes on every claim as text, and a list as `[a b]`. */
const wordsIn = (claim: unknown): string[] =>
  typeof claim === 'string'
    ? claim
        .replace(/^\[|\]$/g, '')
        .split(/[\s,]+/)
        .filter(Boolean)
    : [];

const userOf = ({ sub, client_id }: Claims): Identity => {
  const user_id = [sub, client_id].find((claim) => typeof claim === 'string' && claim !== '');
  return typeof user_id === 'string' ? { user_id: user_id.slice(0, MAX_USER_LENGTH) } : {};
};

/** The identity in a token. A header may repeat the token's tenant; it cannot choose another. */
const identityOfClaims = (
  claims: Claims,
  requestedTenant: string | undefined,
  env: FrontDoorEnv,
): Identity | RefusedIdentity => {
  const { JWT_TENANT_CLAIM: tenantClaim = '', JWT_OPERATOR_SCOPE: operatorScope } = env;
  const user = userOf(claims);
  const scopes = [claims.scope, claims.scp].flatMap(wordsIn);
  const isOperator = operatorScope !== undefined && scopes.includes(operatorScope);
  const tenant_id = isOperator ? undefined : claims[tenantClaim];
  if (requestedTenant !== undefined && requestedTenant !== tenant_id) {
    return refuse(403, `The token is not for the tenant in the header ${TENANT_HEADER}. Leave the header out.`);
  }
  if (isOperator) return user;
  if (typeof tenant_id !== 'string' || !TENANT.test(tenant_id)) {
    return refuse(403, `The token names no valid tenant: its claim ${tenantClaim} must hold one.`);
  }
  return { ...user, tenant_id };
};

/**
 * Who sent a request. Where the front door verifies tokens, the token alone decides and no header can change it. Where
 * IAM admits the operator only, a header may name the tenant a request is for: it narrows access and never widens it.
 */
export const identityOf = ({ headers, requestContext }: Event, env: FrontDoorEnv): Identity | RefusedIdentity => {
  const requestedTenant = headers[TENANT_HEADER];
  const hasTenants = env.TOOLWATCH_TENANTS === 'on';
  if (requestedTenant !== undefined && !hasTenants) {
    return refuse(400, `Header ${TENANT_HEADER}: this deployment has no tenants. Leave the header out.`);
  }
  const isDirect = requestContext.apiId === DIRECT;
  if (env.JWT_ISSUER !== undefined && !isDirect) {
    const token = verifiedToken.safeParse(requestContext);
    if (!token.success) return refuse(401, 'A token is required. Send it as Authorization: Bearer <token>.');
    const { claims } = token.data.authorizer.jwt;
    return hasTenants ? identityOfClaims(claims, requestedTenant, env) : userOf(claims);
  }
  if (requestedTenant === undefined) return {};
  if (!TENANT.test(requestedTenant)) {
    return refuse(400, `Header ${TENANT_HEADER}: not a valid tenant. Write 1 to 128 letters, digits or _ . : @ -`);
  }
  return { tenant_id: requestedTenant };
};
