import * as cdk from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AlarmContext } from './alarms/alarm-spec.ts';
import { addFrontDoorAlarms } from './alarms/front-door-alarms.ts';
import type { Api } from './api.ts';
import { type AcceptedTokens, operatorScopesOf, tokensOfSettings } from './front-door/accepted-tokens.ts';
import { addFunctionUrl, addOpenFunctionUrl } from './front-door/function-url.ts';
import { HttpApi } from './front-door/http-api.ts';
import { People } from './front-door/people.ts';
import type { Gateway } from './gateway.ts';
import type { Hooks } from './hooks.ts';
import type { Operate } from './operate.ts';
import type { Settings } from './settings.ts';

/** The public HTTP entry before the functions behind it exist, which must know whose tokens it accepts. */
interface FrontDoor {
  /** Undefined where Function URLs are the front door. */
  readonly httpApi: HttpApi | undefined;
  /** Undefined where IAM admits callers. */
  readonly tokens: AcceptedTokens | undefined;
}

interface Behind {
  readonly gateway: Gateway;
  readonly api: Api;
  readonly operate: Operate;
  /** Undefined without sources of hooks. */
  readonly hooks: Hooks | undefined;
  readonly alarms: AlarmContext;
}

interface Addresses {
  readonly mcp: string;
  readonly api: string;
  /** Absent where no token could be the operator's. */
  readonly operate: string | undefined;
  /** With a slash at its end; absent without sources of hooks. */
  readonly hooks: string | undefined;
  /** How clients prove who they are, in words. */
  readonly authentication: string;
}

/** Creates what can be known of the front door before its functions; without an issuer of somebody else's, one too. */
export function createFrontDoor(scope: Construct, settings: Settings): FrontDoor {
  const { frontDoor } = settings;
  if (frontDoor.kind === 'function-url') return { httpApi: undefined, tokens: undefined };
  const httpApi = new HttpApi(scope, 'FrontDoor', { settings, frontDoor });
  const tokens = frontDoor.jwt
    ? tokensOfSettings(frontDoor.jwt)
    : new People(scope, 'People', { settings, frontDoor, origin: httpApi.origin }).tokens;
  return { httpApi, tokens };
}

/** In words that a template may have in a description, which takes no references. */
const issuerOf = ({ issuer }: AcceptedTokens): string =>
  cdk.Token.isUnresolved(issuer) ? 'the user pool in UserPoolId' : issuer;

function connect(
  scope: Construct,
  { httpApi, tokens }: FrontDoor,
  { gateway, api, operate, hooks, alarms }: Behind,
): Addresses {
  if (!httpApi || !tokens) {
    return {
      mcp: addFunctionUrl(gateway.function, gateway),
      api: addFunctionUrl(api.function),
      operate: addFunctionUrl(operate.function),
      hooks: hooks && `${addOpenFunctionUrl(hooks.function)}hooks/`,
      authentication: 'signing with IAM',
    };
  }
  const functions = { mcp: gateway.function, api: api.function };
  httpApi.answer({ tokens, ...functions });
  const operatorScopes = operatorScopesOf(tokens);
  if (operatorScopes) httpApi.answerOperator(tokens, operatorScopes, operate.function);
  if (hooks) httpApi.answerSenders(hooks.function);
  const behind = [...Object.values(functions), ...(hooks ? [hooks.function] : [])];
  addFrontDoorAlarms(scope, alarms, { apiId: httpApi.apiId, functions: behind });
  return {
    mcp: `${httpApi.url}mcp`,
    api: httpApi.url,
    operate: operatorScopes && httpApi.url,
    hooks: hooks && `${httpApi.url}hooks/`,
    authentication: `with a token of ${issuerOf(tokens)}`,
  };
}

/** Lets the front door answer; the outputs `McpUrl`, `ApiUrl`, `OperateUrl` and `HooksUrl` are its addresses. */
export function openFrontDoor(scope: Construct, frontDoor: FrontDoor, behind: Behind): void {
  const { mcp, api, operate, hooks, authentication } = connect(scope, frontDoor, behind);
  new cdk.CfnOutput(scope, 'McpUrl', { value: mcp, description: `Where MCP clients connect, ${authentication}` });
  new cdk.CfnOutput(scope, 'ApiUrl', { value: api, description: 'The page, reports, health and metrics' });
  if (operate !== undefined)
    new cdk.CfnOutput(scope, 'OperateUrl', { value: operate, description: 'What the operator may change' });
  if (hooks !== undefined)
    new cdk.CfnOutput(scope, 'HooksUrl', { value: hooks, description: 'Where senders send, followed by their source' });
}
