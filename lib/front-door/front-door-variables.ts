import type { Stack } from 'aws-cdk-lib';
import type { ApiEnv } from '../../lambdas/contract/env/api.ts';
import type { FrontDoorEnv } from '../../lambdas/contract/env/front-door.ts';
import type { GatewayEnv } from '../../lambdas/contract/env/gateway.ts';
import type { Variables } from '../../lambdas/contract/env/read-variables.ts';
import { requestLinesOf } from '../settings/request-settings.ts';
import type { Settings } from '../settings.ts';
import type { AcceptedTokens } from './accepted-tokens.ts';

type FrontDoorSettings = Pick<Settings, 'tenants' | 'requests'>;

/** Whether calls belong to tenants. */
export const tenantsVariable = ({ tenants }: Pick<Settings, 'tenants'>) => ({
  TOOLWATCH_TENANTS: tenants ? 'on' : 'off',
});

/** The variables of a function that answers requests: how it knows who sends them. Without tokens, IAM does. */
export const frontDoorVariables = (
  settings: FrontDoorSettings,
  tokens: AcceptedTokens | undefined,
): Variables<FrontDoorEnv> => {
  const { sourceGptClaim } = settings.requests;
  return {
    ...tenantsVariable(settings),
    ...(sourceGptClaim ? { SOURCE_GPT_CLAIM: sourceGptClaim } : {}),
    ...(tokens ? { JWT_ISSUER: tokens.issuer } : {}),
    ...(tokens?.tenantClaim ? { JWT_TENANT_CLAIM: tokens.tenantClaim } : {}),
    ...(tokens?.operatorScope ? { JWT_OPERATOR_SCOPE: tokens.operatorScope } : {}),
    ...(tokens?.metricsScope ? { JWT_METRICS_SCOPE: tokens.metricsScope } : {}),
    ...(tokens?.groupsClaim ? { JWT_GROUPS_CLAIM: tokens.groupsClaim } : {}),
  };
};

/** The api's additional variables: how people sign in on the page. */
export const pageVariables = (stack: Stack, tokens: AcceptedTokens | undefined) =>
  (tokens?.signIn ? { SIGN_IN: stack.toJsonString(tokens.signIn) } : {}) satisfies Partial<Variables<ApiEnv>>;

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
export const mcpEndpointVariables = ({ frontDoor }: Pick<Settings, 'frontDoor'>, tokens: AcceptedTokens | undefined) =>
  ({
    JWT_SCOPES: (tokens?.callerScopes ?? []).join(' '),
    BROWSER_ORIGINS: (frontDoor.origins ?? []).join(' '),
    ...(frontDoor.domain ? { FRONT_DOOR_DOMAIN: frontDoor.domain.name } : {}),
  }) satisfies Partial<Variables<GatewayEnv>>;
