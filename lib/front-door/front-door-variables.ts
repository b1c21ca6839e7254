import type { FrontDoorEnv, GatewayEnv, Variables } from '../../lambdas/contract/env.ts';
import type { Settings } from '../settings.ts';

type FrontDoorSettings = Pick<Settings, 'tenants' | 'frontDoor'>;

/** Whether calls belong to tenants. */
export const tenantsVariable = ({ tenants }: Pick<Settings, 'tenants'>) => ({
  TOOLWATCH_TENANTS: tenants ? 'on' : 'off',
});

/** The variables of a function that answers requests: how it knows who sends them. */
export const frontDoorVariables = (settings: FrontDoorSettings): Variables<FrontDoorEnv> => {
  const { frontDoor } = settings;
  if (frontDoor.kind === 'function-url') return tenantsVariable(settings);
  const { issuer, tenantClaim, operatorScope } = frontDoor.jwt;
  return {
    ...tenantsVariable(settings),
    JWT_ISSUER: issuer,
    ...(tenantClaim ? { JWT_TENANT_CLAIM: tenantClaim } : {}),
    ...(operatorScope ? { JWT_OPERATOR_SCOPE: operatorScope } : {}),
  };
};

/** The gateway's additional variables: the scopes it tells clients to ask for, and the web pages that may call it. */
export const mcpEndpointVariables = ({ frontDoor }: FrontDoorSettings) => {
  if (frontDoor.kind === 'function-url') return { JWT_SCOPES: '', BROWSER_ORIGINS: '' };
  return {
    JWT_SCOPES: frontDoor.jwt.scopes.join(' '),
    BROWSER_ORIGINS: frontDoor.origins.join(' '),
    ...(frontDoor.domain ? { FRONT_DOOR_DOMAIN: frontDoor.domain.name } : {}),
  } satisfies Partial<Variables<GatewayEnv>>;
};
