import type { FrontDoorEnv, GatewayEnv, Variables } from '../../lambdas/contract/env.ts';
import type { Settings } from '../settings.ts';

type DoorSettings = Pick<Settings, 'tenants' | 'frontDoor'>;

export const tenantsVariable = ({ tenants }: Pick<Settings, 'tenants'>) => ({
  TOOLWATCH_TENANTS: tenants ? 'on' : 'off',
});

/** The variables of whoever answers requests: how who sends them is known. */
export const frontDoorVariables = (settings: DoorSettings): Variables<FrontDoorEnv> => {
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

/** The gateway's beside them: what it tells clients of tokens, and whose web pages may call. */
export const mcpEndpointVariables = ({ frontDoor }: DoorSettings) => {
  if (frontDoor.kind === 'function-url') return { JWT_SCOPES: '', BROWSER_ORIGINS: '' };
  return {
    JWT_SCOPES: frontDoor.jwt.scopes.join(' '),
    BROWSER_ORIGINS: frontDoor.origins.join(' '),
    ...(frontDoor.domain ? { FRONT_DOOR_DOMAIN: frontDoor.domain.name } : {}),
  } satisfies Partial<Variables<GatewayEnv>>;
};
