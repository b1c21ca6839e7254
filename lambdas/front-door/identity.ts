import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { DIRECT, TENANT_HEADER } from '../contract/direct-request.ts';
import type { FrontDoorEnv } from '../contract/env.ts';
import { NO_TENANT } from '../contract/vocabulary.ts';
import { type VerifiedToken, verifiedTokenIn } from './token.ts';

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

/** Also what the header can carry to the api function, so a tenant is the same everywhere. */
const TENANT = /^[\w.:@+/|=~-]{1,128}$/;
const TENANT_RULE = '1 to 128 letters, digits or _ . : @ + / | = ~ -';
/** The tenant of calls without one, and what programs write in place of a value they do not have. */
const NOBODY = [NO_TENANT, 'null', 'undefined', 'true', 'false'];
/** OpenID Connect allows 255 ASCII characters. In bytes. */
const USER_LIMIT_BYTES = 256;

const refuse = (status: RefusedIdentity['refused']['status'], message: string): RefusedIdentity => ({
  refused: { status, message },
});

const isTenant = (name: string): boolean => TENANT.test(name) && !NOBODY.includes(name.toLowerCase());

/** The token's user. An id that is too long is hashed and not cut: two users must not become one. */
const userOf = (token: VerifiedToken): Identity => {
  const id = token.textOf('sub') || token.textOf('client_id');
  if (!id) return {};
  if (Buffer.byteLength(id) <= USER_LIMIT_BYTES) return { user_id: id };
  return { user_id: `sha256:${createHash('sha256').update(id).digest('hex')}` };
};

/** The identity in a token. A header may repeat the token's tenant; it cannot choose another. */
const identityOfToken = (
  token: VerifiedToken,
  requestedTenant: string | undefined,
  { JWT_TENANT_CLAIM: claim = '', JWT_OPERATOR_SCOPE: operatorScope }: FrontDoorEnv,
): Identity | RefusedIdentity => {
  const user = userOf(token);
  const isOperator = operatorScope !== undefined && token.scopes.includes(operatorScope);
  const tenant_id = isOperator ? undefined : token.textOf(claim);
  if (requestedTenant !== undefined && requestedTenant !== tenant_id) {
    return refuse(403, `The token is not for the tenant in the header ${TENANT_HEADER}. Leave the header out.`);
  }
  if (isOperator) return user;
  if (tenant_id === undefined) {
    return refuse(403, `The token names no valid tenant: its claim ${claim} must hold one.`);
  }
  if (!isTenant(tenant_id)) {
    const words = `and not ${NOBODY.join(', ')}`;
    return refuse(403, `The token names no valid tenant: its claim ${claim} must be ${TENANT_RULE}, ${words}.`);
  }
  return { ...user, tenant_id };
};

/**
 * Who sent a request. Where the front door verifies tokens, the token alone decides and no header can change it. Where
 * IAM admits the operator only, a header may name the tenant a request is for: it narrows access and never widens it.
 */
export const identityOf = (event: Event, env: FrontDoorEnv): Identity | RefusedIdentity => {
  const requestedTenant = event.headers?.[TENANT_HEADER];
  const hasTenants = env.TOOLWATCH_TENANTS === 'on';
  if (requestedTenant !== undefined && !hasTenants) {
    return refuse(400, `Header ${TENANT_HEADER}: this deployment has no tenants. Leave the header out.`);
  }
  const isDirect = event.requestContext.apiId === DIRECT;
  if (env.JWT_ISSUER !== undefined && !isDirect) {
    const token = verifiedTokenIn(event);
    if (!token) return refuse(401, 'A token is required. Send it as Authorization: Bearer <token>.');
    return hasTenants ? identityOfToken(token, requestedTenant, env) : userOf(token);
  }
  // IAM admits the operator, who may also ask for the calls that belong to nobody.
  if (requestedTenant === undefined) return {};
  if (isTenant(requestedTenant) || requestedTenant === NO_TENANT) return { tenant_id: requestedTenant };
  return refuse(400, `Header ${TENANT_HEADER}: not a valid tenant. Write ${TENANT_RULE}.`);
};
