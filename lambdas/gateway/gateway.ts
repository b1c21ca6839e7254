import { createMcpHandler, type Server } from '@modelcontextprotocol/server';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { SESSION_HANDLE_HEADER } from '../contract/client-context.ts';
import { TENANT_HEADER } from '../contract/direct-request.ts';
import type { FrontDoorEnv } from '../contract/env/front-door.ts';
import { parseJson } from '../contract/parse-json.ts';
import { NO_TENANT } from '../contract/vocabulary.ts';
import { type Identity, identityOf, isFromOperator, type RefusedIdentity } from '../front-door/identity.ts';
import type { UnverifiedLabels } from '../front-door/unverified-token.ts';
import { traceContextOf } from '../observe/call/correlation.ts';
import { correlationIdOf } from './caller.ts';
import { type AcceptedTokens, answerDiscovery, challengeForToken } from './discovery.ts';
import type { Exchange } from './exchange.ts';
import { type Received, readRequest, resultFrom, routeOf } from './http.ts';
import { type GatewayRequest, recordAnswer } from './record-request.ts';
import { type AllowedOrigins, type Answer, BODY_LIMIT, reject, rejectEarly, rejectMessages } from './reject-early.ts';
import { OWN_FAILURE, RPC_CODES, rejectionsIn } from './rejections.ts';
import { createMcpServer, type ServerParts } from './server.ts';
import { handleIn, NO_SESSION, SESSION_HEADER, type Sessions } from './session.ts';
import { type AnswerSink, asksForProgress, forward } from './stream.ts';

export interface GatewayParts extends ServerParts {
  frontDoor: FrontDoorEnv;
  /** Undefined where IAM admits callers. */
  tokens: AcceptedTokens | undefined;
  allowedOrigins: AllowedOrigins;
  sessions: Sessions;
  /** What a token says that nothing verified. */
  readLabels: (event: APIGatewayProxyEventV2) => UnverifiedLabels;
  /** True when the addresses of clients may be recorded. */
  recordsIp: boolean;
  /** Writes the line of a request that no tool's line stands for, or of a message in it that was rejected. */
  recordRequest: (request: GatewayRequest) => void;
}

export type LambdaContext = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/** Serves one request in whichever generation of MCP it speaks. */
const serve = async (
  parts: GatewayParts,
  { method, url, headers, body = '' }: Received,
  parsedBody: unknown,
  exchange: Exchange,
): Promise<Response> => {
  let legacyServer: Server | undefined;
  const mcp = createMcpHandler(
    ({ era }) => {
      const server = createMcpServer(parts, exchange);
      if (era === 'legacy') legacyServer = server;
      return server;
    },
    { maxRequestBodySize: BODY_LIMIT, keepAliveMs: 0 },
  );
  const request = new Request(url, { method, headers, body });
  const response = await mcp.fetch(request, parsedBody === undefined ? {} : { parsedBody });
  // An older client names itself in `initialize` only; the session it gets carries that name from then on.
  const client = legacyServer?.getClientVersion();
  if (client && response.ok) {
    const { sessionId, ...named } = parts.sessions.name(exchange.session, client, exchange.identity);
    exchange.session = named;
    response.headers.set(SESSION_HEADER, sessionId);
  }
  return response;
};

const rejectRefused = (received: Received, { status, message }: RefusedIdentity['refused']): Answer =>
  status === 401 ? challengeForToken(received, message) : reject(status, RPC_CODES.invalidRequest, message);

/** The answer when the gateway itself failed. The error's own words go nowhere: they may repeat the caller's. */
const answerOwnFailure = (): Answer => {
  const { response, rejections } = reject(500, RPC_CODES.internalError, OWN_FAILURE);
  return { response, rejections: rejections.map((rejection) => ({ ...rejection, fault: 'ours' })) };
};

/** Who calls. A header may ask the api for the calls without a tenant; a call cannot be one of a tenant of that name. */
const callerIdentityOf = (event: APIGatewayProxyEventV2, env: FrontDoorEnv): ReturnType<typeof identityOf> => {
  const identity = identityOf(event, env);
  if ('refused' in identity || identity.tenant_id !== NO_TENANT) return identity;
  const message = `Header ${TENANT_HEADER}: ${NO_TENANT} stands for calls without a tenant. Leave the header out.`;
  return { refused: { status: 400, message } };
};

/** The answer to a request that the MCP server need not see; undefined for any other. */
const answerEarly = (
  { tokens, allowedOrigins }: GatewayParts,
  received: Received,
  identity: ReturnType<typeof identityOf>,
): Answer | undefined =>
  (tokens && answerDiscovery(received, tokens)) ??
  rejectEarly(received, allowedOrigins) ??
  ('refused' in identity ? rejectRefused(received, identity.refused) : undefined);

const answerByServer = async (
  parts: GatewayParts,
  received: Received,
  exchange: Exchange,
  sink: AnswerSink | undefined,
): Promise<Answer> => {
  try {
    const parsedBody = parseJson(received.body ?? '');
    exchange.session = parts.sessions.find(received.headers, handleIn(parsedBody), exchange.identity, true);
    const rejected = rejectMessages(parsedBody);
    if (rejected) return rejected;
    exchange.isStreamed = sink !== undefined && asksForProgress(parsedBody, parts.catalogue);
    const response = await serve(parts, received, parsedBody, exchange);
    const body = sink && exchange.isStreamed ? await forward(response, exchange, sink) : await response.text();
    const { status, headers } = response;
    return {
      response: new Response(body === '' ? null : body, { status, headers }),
      rejections: rejectionsIn(response, body, exchange.recordedIds),
    };
  } catch (error) {
    exchange.thrown ??= error;
    return answerOwnFailure();
  }
};

const beginExchange = (
  parts: GatewayParts,
  event: APIGatewayProxyEventV2,
  context: LambdaContext,
  headers: Headers,
  identity: Identity,
): Exchange => ({
  headers,
  identity,
  labels: parts.readLabels(event),
  isFromOperator: () => isFromOperator(event, parts.frontDoor),
  session: NO_SESSION,
  correlationId: correlationIdOf(traceContextOf(headers)),
  startedAtMs: Date.now(),
  awsRequestId: context.awsRequestId,
  remainingMs: () => context.getRemainingTimeInMillis(),
  recordedIds: new Set(),
  hasToolLine: false,
  isStreamed: false,
  countedClaims: new Set(),
});

/**
 * Answers MCP behind the front door: one exchange per event, and no state between two events. When `sink` has begun, the
 * whole answer has gone there already.
 */
export const createGateway =
  (parts: GatewayParts) =>
  async (
    event: APIGatewayProxyEventV2,
    context: LambdaContext,
    sink?: AnswerSink,
  ): Promise<APIGatewayProxyStructuredResultV2> => {
    const startedAt = performance.now();
    const received = readRequest(event);
    const identity = callerIdentityOf(event, parts.frontDoor);
    const admitted = 'refused' in identity ? undefined : identity;
    const exchange = beginExchange(parts, event, context, received.headers, admitted ?? {});
    const early = answerEarly(parts, received, identity);
    // Where the message is not read, only the headers can say which session it is, and none is opened.
    if (early && admitted) exchange.session = parts.sessions.find(received.headers, undefined, admitted, false);
    const answer = early ?? (await answerByServer(parts, received, exchange, sink));
    const { response } = answer;
    const body = await response.text();
    const durationMs = performance.now() - startedAt;
    recordAnswer(parts.recordRequest, exchange, answer, {
      method: received.method,
      route: routeOf(received),
      ip: parts.recordsIp ? event.requestContext.http.sourceIp : undefined,
      durationMs,
      requestBytes: Buffer.byteLength(received.body ?? ''),
      responseBytes: Buffer.byteLength(body),
    });
    const { handle } = exchange.session;
    // What is answered to others may be cached by anyone.
    if (handle !== undefined && received.method === 'POST') response.headers.set(SESSION_HANDLE_HEADER, handle);
    return resultFrom(response, body, { correlationId: exchange.correlationId, durationMs });
  };
