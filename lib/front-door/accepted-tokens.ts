import type { PageSignIn } from '../../lambdas/contract/sign-in.ts';
import type { HttpApiSettings } from '../settings/front-door-settings.ts';

/** Which tokens the front door accepts, and what each of them may do. */
export interface AcceptedTokens {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** A token has one of these to call tools; they are named to MCP clients. */
  readonly callerScopes: readonly string[];
  /** A token has one of these to read the API. */
  readonly readerScopes: readonly string[];
  readonly operatorScope?: string | undefined;
  readonly metricsScope?: string | undefined;
  readonly tenantClaim?: string | undefined;
  readonly groupsClaim?: string | undefined;
  /** How people sign in on the page. */
  readonly signIn?: PageSignIn | undefined;
}

const OPENID = 'openid';

/**
 * What tokens may name as their audience beside the configured ones. Clients that follow MCP's specification ask their
 * issuer for a token for the address of the endpoint; some name only its origin.
 */
export const audienceOf = (origin: string): string[] => [`${origin}/mcp`, origin, `${origin}/`];

/**
 * The scopes of which a token has one that may be the operator's; undefined where none is. Where groups make people
 * operators, the function looks for them, because a route knows scopes only.
 */
export const operatorScopesOf = ({ operatorScope, groupsClaim, readerScopes }: AcceptedTokens) => {
  if (groupsClaim !== undefined) return readerScopes;
  return operatorScope === undefined ? undefined : [operatorScope];
};

/** The tokens of an issuer that the settings name. */
export const tokensOfSettings = (jwt: NonNullable<HttpApiSettings['jwt']>): AcceptedTokens => ({
  ...jwt,
  callerScopes: jwt.scopes,
  readerScopes: jwt.operatorScope ? [...jwt.scopes, jwt.operatorScope] : jwt.scopes,
  signIn: jwt.signIn && {
    issuer: jwt.issuer,
    client_id: jwt.signIn.clientId,
    scopes: jwt.signIn.scopes ?? [OPENID, ...jwt.scopes],
    parameters: jwt.signIn.parameters,
    logout_parameter: 'post_logout_redirect_uri',
    origins: jwt.signIn.origins,
  },
});
