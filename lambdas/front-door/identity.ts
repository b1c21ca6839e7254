import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { DIRECT, TENANT_HEADER } from '../contract/direct-request.ts';
import type { FrontDoorEnv } from '../contract/env.ts';

/** What is known of whoever sends a request. Without a tenant it is the house itself. */
export interface Identity {
  tenant_id?: string;
  user_id?: string;
}

/** A request of somebody who may not come in, with an HTTP status and the reason in a sentence. */
export interface Refused {
  refused: { status: 400 | 401 | 403; message: string };
}

type Event = Pick<APIGatewayProxyEventV2, 'headers' | 'requestContext'>;
type Claims = Record<string, unknown>;

const TENANT = /^[\w.:@-]{1,128}$/;
const LONGEST_USER = 256;

const verified = z.object({
  authorizer: z.object({ jwt: z.object({ claims: z.record(z.string(), z.unknown()) }) }),
});

const refused = (status: Refused['refused']['status'], message: string): Refused => ({ refused: { status, message } });

/** API Gateway writes every claim as text, and a list as `[a b]`. */
const wordsIn = (claim: unknown): string[] =>
  typeof claim === 'string'
    ? claim
        .replace(/^\[|\]$/g, '')
        .split(/[\s,]+/)
        .filter(Boolean)
    : [];

const userOf = ({ sub, client_id }: Claims): Identity => {
  const user_id = [sub, client_id].find((claim) => typeof claim === 'string' && claim !== '');
  return typeof user_id === 'string' ? { user_id: user_id.slice(0, LONGEST_USER) } : {};
};

/** The tenant that a claim names: the only one its bearer may speak of. */
const tenantOfClaims = (claims: Claims, named: string | undefined, env: FrontDoorEnv): Identity | Refused => {
  const { JWT_TENANT_CLAIM: claim = '', JWT_OPERATOR_SCOPE: operator } = env;
  const user = userOf(claims);
  const scopes = [claims.scope, claims.scp].flatMap(wordsIn);
  const isOperator = operator !== undefined && scopes.includes(operator);
  const tenant_id = isOperator ? undefined : claims[claim];
  if (named !== undefined && named !== tenant_id) {
    return refused(
      403,
      `The token does not speak for the tenant of the header ${TENANT_HEADER}; leave the header out.`,
    );
  }
  if (isOperator) return user;
  if (typeof tenant_id !== 'string' || !TENANT.test(tenant_id)) {
    return refused(403, `The token names no tenant: its claim ${claim} must.`);
  }
  return { ...user, tenant_id };
};

/**
 * Who sends a request. Where the front door verifies tokens, it is whom the token says, and a header counts for nothing.
 * Where IAM lets in who runs the tools, a header may name the tenant a request is for: it narrows, it never widens.
 */
export const identityOf = ({ headers, requestContext }: Event, env: FrontDoorEnv): Identity | Refused => {
  const named = headers[TENANT_HEADER];
  const hasTenants = env.TOOLWATCH_TENANTS === 'on';
  if (named !== undefined && !hasTenants) {
    return refused(400, `Header ${TENANT_HEADER}: there are no tenants here; leave it out.`);
  }
  const isDirect = requestContext.apiId === DIRECT;
  if (env.JWT_ISSUER !== undefined && !isDirect) {
    const token = verified.safeParse(requestContext);
    if (!token.success) return refused(401, 'Come with a token.');
    const { claims } = token.data.authorizer.jwt;
    return hasTenants ? tenantOfClaims(claims, named, env) : userOf(claims);
  }
  if (named === undefined) return {};
  if (!TENANT.test(named)) return refused(400, `Header ${TENANT_HEADER}: no tenant is called that.`);
  return { tenant_id: named };
};
