import type { ServerResponse } from 'node:http';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { Logs } from '../logs/logs.ts';
import { arnOf, type Place } from '../place.ts';
import type { ReachedAt, Serve } from '../serve.ts';
import { type Exchange, formatAccessLine } from './access-log.ts';
import type { HttpApi, Route, Stage } from './api.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts';
import { eventOf, readBody, sendResult } from './payload-v2.ts';
import { matchRoute } from './route.ts';

export interface HttpApiOptions {
  place: Place;
  clock: Clock;
  lambda: Lambda;
  logs: Logs;
  metrics: Metrics;
}

/** A stage of an API under one of its domain names. */
interface Endpoint {
  api: HttpApi;
  stage: Stage;
  domainName: string;
}

/** API Gateway's limit on a request, in bytes. */
const MAX_REQUEST_BYTES = 10 * 1_024 * 1_024;
/** API Gateway's limit on waiting for a function. */
const INTEGRATION_TIMEOUT_MS = 30_000;

/** An error response of the API itself. */
interface ErrorResponse {
  status: number;
  message: string;
  headers?: Record<string, string>;
  /** Why the authorizer rejected the token. */
  authorizerError?: string | undefined;
}

const NOT_FOUND: ErrorResponse = { status: 404, message: 'Not Found' };
const TOO_MANY: ErrorResponse = { status: 429, message: 'Too Many Requests' };
const TOO_LARGE: ErrorResponse = { status: 413, message: 'Request Entity Too Large' };
const INTERNAL: ErrorResponse = { status: 500, message: 'Internal Server Error' };
const UNAVAILABLE: ErrorResponse = { status: 503, message: 'Service Unavailable' };
const FORBIDDEN: ErrorResponse = { status: 403, message: 'Forbidden' };

const toUnauthorized = (scopes: readonly string[], why: string | undefined): ErrorResponse => {
  const details =
    why === undefined ? '' : ` scope="${scopes.join(' ')}" error="invalid_token" error_description="${why}"`;
  const headers = { 'www-authenticate': `Bearer${details}` };
  return { status: 401, message: 'Unauthorized', authorizerError: why, headers };
};

interface AdmittedRequest {
  route: Route;
  pathParameters: Record<string, string>;
  authorizer?: unknown;
}

/** Finds a request's route and applies the stage's throttle and the route's authorizer. */
const admit = async ({ api, stage }: Endpoint, exchange: Exchange): Promise<AdmittedRequest | ErrorResponse> => {
  const { method = 'GET', url = '/', headers } = exchange.request;
  const match = matchRoute<Route>(api.routes, method, new URL(url, 'http://local').pathname);
  if (!match) return NOT_FOUND;
  const { route, pathParameters } = match;
  exchange.routeKey = route.key;
  if (!stage.bucket.take()) return TOO_MANY;
  if (!route.authorizer) return { route, pathParameters };
  const authorization = await route.authorizer(headers.authorization, route.scopes);
  if (!('status' in authorization)) return { route, pathParameters, authorizer: { jwt: authorization } };
  return authorization.status === 403 ? FORBIDDEN : toUnauthorized(route.scopes, authorization.why);
};

/** Invokes the route's function and returns its payload. */
const invokeIntegration = async (
  { place, clock, lambda }: HttpApiOptions,
  { api, stage }: Endpoint,
  exchange: Exchange,
  route: Route,
  event: object,
): Promise<string | ErrorResponse> => {
  const sourceArn = arnOf(place, 'execute-api', `${api.id}/${stage.name}/${route.key.replace(/^(\w+) /, '$1')}`);
  const invocation = lambda.invoke({
    principal: { service: 'apigateway.amazonaws.com' },
    function: route.functionArn,
    event: JSON.stringify(event),
    context: { 'aws:sourcearn': sourceArn, 'aws:sourceaccount': place.account },
  });
  let cancelTimeout = () => {};
  const timeout = new Promise<undefined>((resolve) => {
    cancelTimeout = clock.after(INTEGRATION_TIMEOUT_MS, () => resolve(undefined));
  });
  try {
    const result = await Promise.race([invocation, timeout]);
    if (!result) return UNAVAILABLE;
    exchange.integrationStatus = 200;
    return result.failed ? INTERNAL : result.payload;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    exchange.integrationStatus = error.status;
    exchange.integrationError = error.message;
    return error.status === 429 ? UNAVAILABLE : INTERNAL;
  } finally {
    cancelTimeout();
  }
};

const sendError = (
  response: ServerResponse,
  exchange: Exchange,
  { status, message, headers = {}, authorizerError }: ErrorResponse,
) => {
  const body = JSON.stringify({ message });
  Object.assign(exchange, { error: message, authorizerError });
  response.writeHead(status, {
    'content-type': 'application/json',
    'apigw-requestid': exchange.id,
    ...headers,
  });
  response.end(body);
  return { status, bytes: body.length };
};

const respond = async (
  options: HttpApiOptions,
  endpoint: Endpoint,
  exchange: Exchange,
  response: ServerResponse,
  reachedAt: ReachedAt | undefined,
): Promise<{ status: number; bytes: number }> => {
  const { api } = endpoint;
  const { host: domainName, scheme } = reachedAt ?? { host: endpoint.domainName, scheme: 'https' };
  const { request, id: requestId, at: now } = exchange;
  if (api.cors && isPreflight(request)) {
    response.writeHead(204, { 'apigw-requestid': requestId, ...preflightHeaders(api.cors, request) }).end();
    return { status: 204, bytes: 0 };
  }
  const body = await readBody(request, MAX_REQUEST_BYTES);
  if (!body) return sendError(response, exchange, TOO_LARGE);
  const admitted = await admit(endpoint, exchange);
  if ('status' in admitted) return sendError(response, exchange, admitted);
  const { route, ...details } = admitted;
  const at = { account: options.place.account, apiId: api.id, domainName, scheme, requestId, routeKey: route.key };
  const invokedAt = performance.now();
  const event = eventOf({ request, body, now, ...at, ...details });
  const result = await invokeIntegration(options, endpoint, exchange, route, event);
  exchange.integrationMs = performance.now() - invokedAt;
  if (typeof result !== 'string') return sendError(response, exchange, result);
  return sendResult(response, result, { 'apigw-requestid': requestId, ...corsHeaders(api.cors, request) });
};

const publishRequestMetrics = (metrics: Metrics, ApiId: string, status: number, latencyMs: number): void => {
  const put = (name: string, value: number) =>
    metrics.put({ namespace: 'AWS/ApiGateway', name, dimensions: { ApiId } }, value);
  put('Count', 1);
  put('4xx', status >= 400 && status < 500 ? 1 : 0);
  put('5xx', status >= 500 ? 1 : 0);
  put('Latency', latencyMs);
};

/** Answers requests to a stage of an HTTP API under one of its domain names. */
export const serveHttpApi = (options: HttpApiOptions, endpoint: Endpoint): Serve => {
  const { clock, logs, metrics } = options;
  const { api, stage } = endpoint;
  return async (request, response, reachedAt) => {
    const startedAt = performance.now();
    const exchange: Exchange = { id: api.nextRequestId(), request, at: clock.now(), status: 0, bytes: 0 };
    Object.assign(exchange, await respond(options, endpoint, exchange, response, reachedAt));
    const latencyMs = performance.now() - startedAt;
    publishRequestMetrics(metrics, api.id, exchange.status, latencyMs);
    if (!stage.accessLog) return;
    const { group, format } = stage.accessLog;
    logs.vend(group, api.id, formatAccessLine(format, api.id, exchange, latencyMs));
  };
};
