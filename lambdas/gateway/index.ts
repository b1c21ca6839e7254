import { readFileSync } from 'node:fs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type GatewayEnv, gatewayEnv } from '../contract/env/gateway.ts';
import { isAdmittedByToken } from '../front-door/identity.ts';
import { readUnverifiedLabels } from '../front-door/unverified-token.ts';
import { catalogue } from '../invoke/catalogue.ts';
import { invokeThrough } from '../invoke/invoke.ts';
import { recordInvokeFailure } from '../invoke/record-invoke-failure.ts';
import { createToolCaller } from './call.ts';
import { createGateway, type LambdaContext } from './gateway.ts';
import { recordUnknownTool } from './record.ts';
import { recordGatewayRequest } from './record-request.ts';
import { type Sessions, sessionsOfOlderClients } from './session.ts';
import { createSignedSessions } from './session-handle.ts';
import { streamAnswers } from './streaming-handler.ts';

const sessionsOf = ({ SESSION_HANDLES, TOOLWATCH_USER_HASH_KEY: key }: GatewayEnv): Sessions =>
  SESSION_HANDLES === 'on' && key ? createSignedSessions(key) : sessionsOfOlderClients;

/** What tokens say that nobody verifies, where such tokens may label calls. */
const labelsReader =
  (env: GatewayEnv) =>
  (event: APIGatewayProxyEventV2): ReturnType<typeof readUnverifiedLabels> =>
    env.UNVERIFIED_TOKENS === 'on' && !isAdmittedByToken(event, env)
      ? readUnverifiedLabels(event, env.SOURCE_GPT_CLAIM)
      : {};

/** A gateway for these tools, configured by these environment variables. */
export const createGatewayFrom = (environment: NodeJS.ProcessEnv, tools: unknown) => {
  const env = gatewayEnv.parse(environment);
  // One attempt: a tool that is invoked twice for one call may do its work twice.
  const lambda = new LambdaClient({ maxAttempts: 1 });
  return createGateway({
    version: env.TOOLWATCH_VERSION,
    frontDoor: env,
    tokens: env.JWT_ISSUER === undefined ? undefined : { issuer: env.JWT_ISSUER, scopes: env.JWT_SCOPES },
    allowedOrigins: { domain: env.FRONT_DOOR_DOMAIN, origins: env.BROWSER_ORIGINS },
    catalogue: catalogue.parse(tools),
    call: createToolCaller({
      functionPrefix: env.TOOL_FUNCTION_PREFIX,
      invoke: invokeThrough(lambda),
      recordInvokeFailure,
    }),
    recordUnknownTool,
    sessions: sessionsOf(env),
    readLabels: labelsReader(env),
    recordsIp: env.RECORD_IP === 'on',
    recordRequest: recordGatewayRequest(env.REQUEST_LINES),
  });
};

const readCatalogue = (): unknown => JSON.parse(readFileSync(new URL('./catalogue.json', import.meta.url), 'utf8'));

let gateway: ReturnType<typeof createGatewayFrom> | undefined;

const findGateway = (): ReturnType<typeof createGatewayFrom> => {
  gateway ??= createGatewayFrom(process.env, readCatalogue());
  return gateway;
};

/** The Lambda function behind the MCP endpoint. */
export const handler = (
  event: APIGatewayProxyEventV2,
  context: LambdaContext,
): Promise<APIGatewayProxyStructuredResultV2> => findGateway()(event, context);

/** The same behind a Function URL that streams; undefined outside of Lambda. */
export const streamingHandler = streamAnswers(findGateway);
