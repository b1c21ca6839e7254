import * as cdk from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AlarmContext } from './alarms/alarm.ts';
import { addFrontDoorAlarm } from './alarms/front-door-alarm.ts';
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
  readonly signedBy: string;
}

const addressesOf = (scope: Construct, { deployment, gateway, api, alarms }: FrontDoorProps): Addresses => {
  const { settings } = deployment;
  const { frontDoor: door } = settings;
  if (door.kind === 'function-url') {
    return { mcp: addFunctionUrl(gateway.function), api: addFunctionUrl(api.function), signedBy: 'signing with IAM' };
  }
  const behind = { mcp: gateway.function, api: api.function };
  const { url, apiId } = new HttpApi(scope, 'FrontDoor', { settings, door, ...behind });
  addFrontDoorAlarm(scope, alarms, { apiId, behind: Object.values(behind) });
  return { mcp: `${url}mcp`, api: url, signedBy: `with a token of ${door.jwt.issuer}` };
};

/** Where clients and people come in, as outputs `McpUrl` and `ApiUrl`. */
export function addFrontDoor(scope: Construct, props: FrontDoorProps): void {
  const { mcp, api, signedBy } = addressesOf(scope, props);
  new cdk.CfnOutput(scope, 'McpUrl', { value: mcp, description: `Where MCP clients connect, ${signedBy}` });
  new cdk.CfnOutput(scope, 'ApiUrl', { value: api, description: 'The page, reports, health and metrics' });
}
