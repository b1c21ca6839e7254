import { createMcpHandler, type Server } from '@modelcontextprotocol/server';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { CallContext } from '../contract/call-context.ts';
import type { FrontDoorEnv } from '../contract/env.ts';
import { identityOf, type RefusedIdentity } from '../front-door/identity.ts';
import { traceContextOf } from '../observe/call/correlation.ts';
import { createUuidV7 } from '../observe/line/uuid.ts';
import { callerOf, correlationIdOf, traceContextOfCall } from './caller.ts';
import { type AcceptedTokens, answerDiscovery, challengeForToken } from './discovery.ts';
import { bodyOf, requestFrom, resultFrom } from './http.ts';
import {
  type AllowedOrigins,
  BODY_LIMIT,
  createRpcError,
  INVALID_REQUEST,
  isRejectedByDesign,
  rejectEarly,
} from './reject-early.ts';
import { type Rejection, rejectionsIn } from './rejections.ts';
import { createMcpServer, type Exchange, type ServerParts } from './server.ts';
import { openSession, SESSION_HEADER } from './session.ts';

const INTERNAL_ERROR = -32_603;

export interface GatewayParts extends ServerParts {
  frontDoor: FrontDoorEnv;
  /** Undefined where IAM admits callers. */
  tokens: AcceptedTokens | undefined;
  allowedOrigins: AllowedOrigins;
  /** Writes the line of a request, or of a message in one, that was answered with a protocol error. */
  recordRejection: (call: CallContext, rejection: Rejection, durationMs: number) => void;
}

export type LambdaContext = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/** Serves one request in whichever generation of MCP it speaks. */
const serve = async (parts: GatewayParts, request: Request, exchange: Exchange): Promise<Response> => {
  let legacyServer: Server | undefined;
  const mcp = createMcpHandler(
    ({ era }) => {
      const server = createMcpServer(parts, exchange);
      if (era === 'legacy') legacyServer = server;
      return server;
    },
    { maxRequestBodySize: BODY_LIMIT, keepAliveMs: 0 },
  );
  const response = await mcp.fetch(request);
  // An older client names itself in `initialize` only; the session it gets carries that name from then on.
  const client = legacyServer?.getClientVersion();
  if (client && response.ok) response.headers.set(SESSION_HEADER, openSession(client));
  return response;
};

/** The answer when the gateway itself failed: the client sees it, and it is recorded like any other rejection. */
const toServerError = (error: unknown): Response =>
  createRpcError(500, INTERNAL_ERROR, error instanceof Error ? `${error.name}: ${error.message}` : String(error));

const rejectRefused = (request: Request, { status, message }: RefusedIdentity['refused']): Response =>
  status === 401 ? challengeForToken(request, message) : createRpcError(status, INVALID_REQUEST, message);

/** Answers MCP behind the front door: one exchange per event, and no state between two events. */
export const createGateway =
  (parts: GatewayParts) =>
  async (event: APIGatewayProxyEventV2, context: LambdaContext): Promise<APIGatewayProxyStructuredResultV2> => {
    const startedAt = performance.now();
    const message = bodyOf(event);
    const request = requestFrom(event, message);
    const identity = identityOf(event, parts.frontDoor);
    const exchange: Exchange = {
      headers: request.headers,
      identity: 'refused' in identity ? {} : identity,
      correlationId: correlationIdOf(traceContextOf(request.headers)),
      awsRequestId: context.awsRequestId,
      remainingMs: () => context.getRemainingTimeInMillis(),
      recordedIds: new Set(),
    };
    const response =
      (parts.tokens && answerDiscovery(request, parts.tokens)) ??
      rejectEarly(request, message, parts.allowedOrigins) ??
      ('refused' in identity
        ? rejectRefused(request, identity.refused)
        : await serve(parts, request, exchange).catch(toServerError));
    const body = await response.text();
    const rejections = isRejectedByDesign(request) ? [] : rejectionsIn(response, body, exchange.recordedIds);
    for (const rejection of rejections) {
      const call: CallContext = {
        event_id: createUuidV7(Date.now()),
        ...traceContextOfCall(exchange),
        ...callerOf(request.headers, undefined),
        ...exchange.identity,
      };
      parts.recordRejection(call, rejection, performance.now() - startedAt);
    }
    const result = resultFrom(response, body);
    return { ...result, headers: { ...result.headers, 'x-request-id': exchange.correlationId } };
  };
