import * as cdk from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AlarmContext } from './alarms/alarm-spec.ts';
import { addFrontDoorAlarms } from './alarms/front-door-alarms.ts';
import type { Api } from './api.ts';
import type { Deployment } from './deployment.ts';
import { addFunctionUrl } from './front-door/function-url.ts';
import { HttpApi } from './front-door/http-api.ts';
import type { Gateway } from './gateway.ts';

interface FrontDoorProps {
  readonly deployment: Deployment;
  readonly gateway: Gateway;
  readonly api: Api;
  readonly alarms: AlarmContext;
}

interface Addresses {
  readonly mcp: string;
  readonly api: string;
  /** How clients prove who they are, in words. */
  readonly authentication: string;
}

function createEndpoints(scope: Construct, { deployment, gateway, api, alarms }: FrontDoorProps): Addresses {
  const { settings } = deployment;
  const { frontDoor } = settings;
  if (frontDoor.kind === 'function-url') {
    return {
      mcp: addFunctionUrl(gateway.function, gateway),
      api: addFunctionUrl(api.function),
      authentication: 'signing with IAM',
    };
  }
  const functions = { mcp: gateway.function, api: api.function };
  const { url, apiId } = new HttpApi(scope, 'FrontDoor', { settings, frontDoor, ...functions });
  addFrontDoorAlarms(scope, alarms, { apiId, functions: Object.values(functions) });
  return { mcp: `${url}mcp`, api: url, authentication: `with a token of ${frontDoor.jwt.issuer}` };
}

/** Adds the public HTTP entry; the outputs `McpUrl` and `ApiUrl` are its addresses. */
export function addFrontDoor(scope: Construct, props: FrontDoorProps): void {
  const { mcp, api, authentication } = createEndpoints(scope, props);
  new cdk.CfnOutput(scope, 'McpUrl', { value: mcp, description: `Where MCP clients connect, ${authentication}` });
  new cdk.CfnOutput(scope, 'ApiUrl', { value: api, description: 'The page, reports, health and metrics' });
}
