import type { ApiEnv, FrontDoorEnv, GatewayEnv, Variables } from '../../lambdas/contract/env.ts';
import { requestLinesOf } from '../settings/request-settings.ts';
import type { Settings } from '../settings.ts';

type FrontDoorSettings = Pick<Settings, 'tenants' | 'frontDoor' | 'requests'>;

/** Whether calls belong to tenants. */
export const tenantsVariable = ({ tenants }: Pick<Settings, 'tenants'>) => ({
  TOOLWATCH_TENANTS: tenants ? 'on' : 'off',
});

/** The variables of a function that answers requests: how it knows who sends them. */
export const frontDoorVariables = (settings: FrontDoorSettings): Variables<FrontDoorEnv> => {
  const { frontDoor, requests } = settings;
  const variables = {
    ...tenantsVariable(settings),
    ...(requests.sourceGptClaim ? { SOURCE_GPT_CLAIM: requests.sourceGptClaim } : {}),
  };
  if (frontDoor.kind === 'function-url') return variables;
  const { issuer, tenantClaim, operatorScope } = frontDoor.jwt;
  return {
    ...variables,
    JWT_ISSUER: issuer,
    ...(tenantClaim ? { JWT_TENANT_CLAIM: tenantClaim } : {}),
    ...(operatorScope ? { JWT_OPERATOR_SCOPE: operatorScope } : {}),
  };
};

/** The variables of a function that writes a line for each request. */
export const requestVariables = (settings: Pick<Settings, 'requests' | 'monitoring'>) =>
  ({
    REQUEST_LINES: requestLinesOf(settings),
    ...(settings.requests.recordIp ? { RECORD_IP: 'on' } : {}),
  }) satisfies Partial<Variables<ApiEnv>>;

/** The gateway's variables that say how clients are known again. */
export const callerVariables = ({ requests }: Pick<Settings, 'requests'>) =>
  ({
    ...(requests.sessionHandles ? { SESSION_HANDLES: 'on' } : {}),
    ...(requests.unverifiedTokens ? { UNVERIFIED_TOKENS: 'on' } : {}),
  }) satisfies Partial<Variables<GatewayEnv>>;

/** The gateway's additional variables: the scopes it tells clients to ask for, and the web pages that may call it. */
export const mcpEndpointVariables = ({ frontDoor }: Pick<Settings, 'frontDoor'>) => {
  if (frontDoor.kind === 'function-url') return { JWT_SCOPES: '', BROWSER_ORIGINS: '' };
  return {
    JWT_SCOPES: frontDoor.jwt.scopes.join(' '),
    BROWSER_ORIGINS: frontDoor.origins.join(' '),
    ...(frontDoor.domain ? { FRONT_DOOR_DOMAIN: frontDoor.domain.name } : {}),
  } satisfies Partial<Variables<GatewayEnv>>;
};
