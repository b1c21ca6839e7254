import { readFileSync } from 'node:fs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { gatewayEnv } from '../contract/env.ts';
import { callTool } from './call.ts';
import { catalogue } from './catalogue.ts';
import { createGateway, type LambdaContext } from './gateway.ts';
import { invokeThrough } from './invoke.ts';
import { recordInvokeFailure, recordRejection, recordUnknown } from './record.ts';

/** The gateway of a catalogue, as its environment describes it. */
export const gatewayOf = (environment: NodeJS.ProcessEnv, listed: unknown) => {
  const settings = gatewayEnv.parse(environment);
  // One attempt: a tool that was invoked twice for one call might do its work twice.
  const lambda = new LambdaClient({ maxAttempts: 1 });
  return createGateway({
    version: settings.TOOLWATCH_VERSION,
    frontDoor: settings,
    tokens:
      settings.JWT_ISSUER === undefined ? undefined : { issuer: settings.JWT_ISSUER, scopes: settings.JWT_SCOPES },
    allowedOrigins: { domain: settings.FRONT_DOOR_DOMAIN, origins: settings.BROWSER_ORIGINS },
    catalogue: catalogue.parse(listed),
    call: callTool({
      functionPrefix: settings.TOOL_FUNCTION_PREFIX,
      invoke: invokeThrough(lambda),
      recordInvokeFailure: recordInvokeFailure,
    }),
    recordUnknown,
    recordRejection,
  });
};

let gateway: ReturnType<typeof gatewayOf> | undefined;

/** The Lambda function behind the MCP endpoint. */
export const handler = (
  event: APIGatewayProxyEventV2,
  context: LambdaContext,
): Promise<APIGatewayProxyStructuredResultV2> => {
  gateway ??= gatewayOf(process.env, JSON.parse(readFileSync(new URL('./catalogue.json', import.meta.url), 'utf8')));
  return gateway(event, context);
};
