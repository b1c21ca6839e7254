import { createMcpHandler, type Server } from '@modelcontextprotocol/server';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { CallContext } from '../contract/call-context.ts';
import type { FrontDoorEnv } from '../contract/env.ts';
import { identityOf, type Refused } from '../front-door/identity.ts';
import { traceContextOf } from '../observe/call/correlation.ts';
import { createUuidV7 } from '../observe/line/uuid.ts';
import { callerOf, correlationIdOf, traceContextOfCall } from './caller.ts';
import { challenge, discoverTokens, type Tokens } from './discovery.ts';
import { bodyOf, requestFrom, resultFrom } from './http.ts';
import {
  type AllowedOrigins,
  BODY_LIMIT,
  INVALID_REQUEST,
  isDeniedByDesign,
  rejectEarly,
  rpcError,
} from './reject-early.ts';
import { type Rejection, rejectionsIn } from './rejections.ts';
import { type Exchange, mcpServer, type ServerParts } from './server.ts';
import { openSession, SESSION_HEADER } from './session.ts';

const INTERNAL_ERROR = -32_603;

export interface GatewayParts extends ServerParts {
  frontDoor: FrontDoorEnv;
  /** Absent where IAM lets people in. */
  tokens: Tokens | undefined;
  allowedOrigins: AllowedOrigins;
  /** Writes the line of a request, or of a message in one, that the protocol refused. */
  recordRejection: (call: CallContext, rejection: Rejection, durationMs: number) => void;
}

export type LambdaContext = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/** Serves one request in whichever generation of MCP it speaks. */
const serve = async (parts: GatewayParts, request: Request, exchange: Exchange): Promise<Response> => {
  let older: Server | undefined;
  const mcp = createMcpHandler(
    ({ era }) => {
      const server = mcpServer(parts, exchange);
      if (era === 'legacy') older = server;
      return server;
    },
    { maxRequestBodySize: BODY_LIMIT, keepAliveMs: 0 },
  );
  const response = await mcp.fetch(request);
  // An older client says its name in `initialize` only; it gets a session that remembers it.
  const named = older?.getClientVersion();
  if (named && response.ok) response.headers.set(SESSION_HEADER, openSession(named));
  return response;
};

/** The answer of a gateway that failed itself: said to the client, and recorded like any other. */
const failed = (error: unknown): Response =>
  rpcError(500, INTERNAL_ERROR, error instanceof Error ? `${error.name}: ${error.message}` : String(error));

const turnedAway = (request: Request, { status, message }: Refused['refused']): Response =>
  status === 401 ? challenge(request, message) : rpcError(status, INVALID_REQUEST, message);

/** Answers MCP behind the front door: one event, one exchange, nothing kept between two. */
export const createGateway =
  (parts: GatewayParts) =>
  async (event: APIGatewayProxyEventV2, context: LambdaContext): Promise<APIGatewayProxyStructuredResultV2> => {
    const begun = performance.now();
    const message = bodyOf(event);
    const request = requestFrom(event, message);
    const identity = identityOf(event, parts.frontDoor);
    const exchange: Exchange = {
      headers: request.headers,
      identity: 'refused' in identity ? {} : identity,
      correlationId: correlationIdOf(traceContextOf(request.headers)),
      awsRequestId: context.awsRequestId,
      remainingMs: () => context.getRemainingTimeInMillis(),
      told: new Set(),
    };
    const response =
      (parts.tokens && discoverTokens(request, parts.tokens)) ??
      rejectEarly(request, message, parts.allowedOrigins) ??
      ('refused' in identity
        ? turnedAway(request, identity.refused)
        : await serve(parts, request, exchange).catch(failed));
    const body = await response.text();
    const rejections = isDeniedByDesign(request) ? [] : rejectionsIn(response, body, exchange.told);
    for (const rejection of rejections) {
      const call: CallContext = {
        event_id: createUuidV7(Date.now()),
        ...traceContextOfCall(exchange),
        ...callerOf(request.headers, undefined),
        ...exchange.identity,
      };
      parts.recordRejection(call, rejection, performance.now() - begun);
    }
    const result = resultFrom(response, body);
    return { ...result, headers: { ...result.headers, 'x-request-id': exchange.correlationId } };
  };
