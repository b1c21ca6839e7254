import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { DIRECT, TENANT_HEADER } from '../contract/direct-request.ts';
import type { FrontDoorEnv } from '../contract/env/front-door.ts';
import { OPERATORS, TENANT_GROUP } from '../contract/sign-in.ts';
import { NO_TENANT } from '../contract/vocabulary.ts';
import { toUserId, type VerifiedToken, verifiedTokenIn } from './token.ts';

/** What is known about the sender of a request. Without a tenant, the sender is the operator. */
export interface Identity {
  tenant_id?: string;
  user_id?: string;
  /** The GPT or agent that calls. */
  source_gpt?: string;
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

const refuse = (status: RefusedIdentity['refused']['status'], message: string): RefusedIdentity => ({
  refused: { status, message },
});

const isTenant = (name: string): boolean => TENANT.test(name) && !NOBODY.includes(name.toLowerCase());

/** The token's user, and the GPT that a claim of it names. */
const userOf = (token: VerifiedToken, { SOURCE_GPT_CLAIM: claim }: FrontDoorEnv): Identity => {
  const subject = token.textOf('sub') || token.textOf('client_id');
  const source_gpt = claim === undefined ? undefined : token.textOf(claim);
  return { ...(subject && { user_id: toUserId(subject) }), ...(source_gpt && { source_gpt }) };
};

const groupsOf = (token: VerifiedToken, { JWT_GROUPS_CLAIM: claim }: FrontDoorEnv): readonly string[] =>
  claim === undefined ? [] : token.listOf(claim);

const isOperatorsToken = (token: VerifiedToken, env: FrontDoorEnv): boolean =>
  (env.JWT_OPERATOR_SCOPE !== undefined && token.scopes.includes(env.JWT_OPERATOR_SCOPE)) ||
  groupsOf(token, env).includes(OPERATORS);

/** The tenant that a token's groups name, or why they name none. */
const tenantOfGroups = (groups: readonly string[]): string | RefusedIdentity => {
  const tenants = groups.filter((group) => group.startsWith(TENANT_GROUP));
  const [group, ...others] = tenants;
  if (group === undefined) {
    return refuse(403, `You belong to no tenant. An operator can add you to a group such as ${TENANT_GROUP}acme.`);
  }
  if (others.length > 0)
    return refuse(403, 'You belong to several tenants. An operator must leave you in one of them.');
  const tenant = group.slice(TENANT_GROUP.length);
  return isTenant(tenant) ? tenant : refuse(403, `The group ${group} names no valid tenant. Write ${TENANT_RULE}.`);
};

/** The tenant that a claim of a token names, or why it names none. */
const tenantOfClaim = (tenant: string | undefined, claim: string): string | RefusedIdentity => {
  if (tenant === undefined) return refuse(403, `The token names no valid tenant: its claim ${claim} must hold one.`);
  if (isTenant(tenant)) return tenant;
  const words = `and not ${NOBODY.join(', ')}`;
  return refuse(403, `The token names no valid tenant: its claim ${claim} must be ${TENANT_RULE}, ${words}.`);
};

const tenantOfToken = (token: VerifiedToken, env: FrontDoorEnv): string | RefusedIdentity => {
  const { JWT_TENANT_CLAIM: claim = '' } = env;
  return env.JWT_GROUPS_CLAIM === undefined
    ? tenantOfClaim(token.textOf(claim), claim)
    : tenantOfGroups(groupsOf(token, env));
};

/** The identity in a token. A header may repeat the token's tenant; it cannot choose another. */
const identityOfToken = (
  token: VerifiedToken,
  requestedTenant: string | undefined,
  env: FrontDoorEnv,
): Identity | RefusedIdentity => {
  const user = userOf(token, env);
  const tenant = isOperatorsToken(token, env) ? undefined : tenantOfToken(token, env);
  if (requestedTenant !== undefined && requestedTenant !== tenant) {
    return refuse(403, `The token is not for the tenant in the header ${TENANT_HEADER}. Leave the header out.`);
  }
  if (tenant === undefined) return user;
  return typeof tenant === 'string' ? { ...user, tenant_id: tenant } : tenant;
};

/** True where the front door verified a token. All other requests were admitted by IAM, also direct invocations. */
export const isAdmittedByToken = ({ requestContext }: Event, env: FrontDoorEnv): boolean =>
  env.JWT_ISSUER !== undefined && requestContext.apiId !== DIRECT;

/**
 * True for a request of the team that runs the deployment: IAM admits nobody else, and among tokens those with the
 * operator's scope are its own.
 */
export const isFromOperator = (event: Event, env: FrontDoorEnv): boolean => {
  if (!isAdmittedByToken(event, env)) return true;
  const token = verifiedTokenIn(event);
  return token !== undefined && isOperatorsToken(token, env);
};

/** True for a token with the right to nothing but `/metrics`, such as that of a client of Prometheus. */
const isForMetricsOnly = ({ scopes }: VerifiedToken, { JWT_METRICS_SCOPE: scope }: FrontDoorEnv): boolean =>
  scope !== undefined && scopes.length > 0 && scopes.every((own) => own === scope);

/** True for a request that may read the metrics of all tenants because of its token's scope. */
export const mayReadMetrics = (event: Event, env: FrontDoorEnv): boolean => {
  const token = isAdmittedByToken(event, env) ? verifiedTokenIn(event) : undefined;
  return token !== undefined && env.JWT_METRICS_SCOPE !== undefined && token.scopes.includes(env.JWT_METRICS_SCOPE);
};

/** True where something in a token says whether it is the operator's. */
export const distinguishesOperators = ({ JWT_OPERATOR_SCOPE, JWT_GROUPS_CLAIM }: FrontDoorEnv): boolean =>
  JWT_OPERATOR_SCOPE !== undefined || JWT_GROUPS_CLAIM !== undefined;

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
  if (isAdmittedByToken(event, env)) {
    const token = verifiedTokenIn(event);
    if (!token) return refuse(401, 'A token is required. Send it as Authorization: Bearer <token>.');
    if (isForMetricsOnly(token, env)) return refuse(403, 'This token is for /metrics and for nothing else.');
    return hasTenants ? identityOfToken(token, requestedTenant, env) : userOf(token, env);
  }
  // IAM admits the operator, who may also ask for the calls that belong to nobody.
  if (requestedTenant === undefined) return {};
  if (isTenant(requestedTenant) || requestedTenant === NO_TENANT) return { tenant_id: requestedTenant };
  return refuse(400, `Header ${TENANT_HEADER}: not a valid tenant. Write ${TENANT_RULE}.`);
};
