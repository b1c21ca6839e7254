import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { Logs } from '../logs/logs.ts';
import { arnOf, type Place } from '../place.ts';
import type { Serve } from '../serve.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts';
import { accessLine, type Exchange } from './log.ts';
import type { HttpApi, Route, Stage } from './parts.ts';
import { answerWith, bodyOf, eventOf } from './payload-v2.ts';
import { matchRoute } from './route.ts';

export interface HttpApiOptions {
  place: Place;
  clock: Clock;
  lambda: Lambda;
  logs: Logs;
  metrics: Metrics;
}

/** API Gateway's limit on a request, in bytes. */
const LARGEST_REQUEST = 10 * 1_024 * 1_024;
/** It waits no longer for a function. */
const PATIENCE_MS = 30_000;

/** An answer of the API's own. */
interface Refusal {
  status: number;
  message: string;
  headers?: Record<string, string>;
  /** What a token lacks. */
  why?: string | undefined;
}

const NOT_FOUND: Refusal = { status: 404, message: 'Not Found' };
const TOO_MANY: Refusal = { status: 429, message: 'Too Many Requests' };
const TOO_LARGE: Refusal = { status: 413, message: 'Request Entity Too Large' };
const INTERNAL: Refusal = { status: 500, message: 'Internal Server Error' };
const UNAVAILABLE: Refusal = { status: 503, message: 'Service Unavailable' };
const FORBIDDEN: Refusal = { status: 403, message: 'Forbidden' };

const unauthorized = (scopes: readonly string[], why: string | undefined): Refusal => {
  const error =
    why === undefined ? '' : ` scope="${scopes.join(' ')}" error="invalid_token" error_description="${why}"`;
  return { status: 401, message: 'Unauthorized', why, headers: { 'www-authenticate': `Bearer${error}` } };
};

const isRefusal = (made: object): made is Refusal => 'status' in made;

/** What a request goes through before a function: a route, its throttle, its token. */
const admitted = async (api: HttpApi, stage: Stage, exchange: Exchange) => {
  const { method = 'GET', url = '/', headers } = exchange.request;
  const match = matchRoute<Route>(api.routes, method, new URL(url, 'http://local').pathname);
  if (!match) return NOT_FOUND;
  const { route, pathParameters } = match;
  exchange.routeKey = route.key;
  if (!stage.bucket.take()) return TOO_MANY;
  if (!route.authorizer) return { route, pathParameters };
  const verdict = await route.authorizer(headers.authorization, route.scopes);
  if (!('status' in verdict)) return { route, pathParameters, authorizer: { jwt: verdict } };
  return verdict.status === 403 ? FORBIDDEN : unauthorized(route.scopes, verdict.why);
};

/** Answers requests to an HTTP API's stage under one of its names. */
export const serveHttpApi =
  ({ place, clock, lambda, logs, metrics }: HttpApiOptions, api: HttpApi, stage: Stage, domainName: string): Serve =>
  async (request, response) => {
    const began = performance.now();
    const exchange: Exchange = { id: api.nextRequestId(), request, at: clock.now(), status: 0, bytes: 0 };
    const requestId = { 'apigw-requestid': exchange.id };

    const refuse = ({ status, message, headers = {}, why }: Refusal) => {
      const body = JSON.stringify({ message });
      Object.assign(exchange, { error: message, refused: why });
      response.writeHead(status, { 'content-type': 'application/json', ...requestId, ...headers });
      response.end(body);
      return { status, bytes: body.length };
    };

    const invoke = async (route: Route, event: object): Promise<string | Refusal> => {
      const sourceArn = arnOf(place, 'execute-api', `${api.id}/${stage.name}/${route.key.replace(/^(\w+) /, '$1')}`);
      const context = { 'aws:sourcearn': sourceArn, 'aws:sourceaccount': place.account };
      const principal = { service: 'apigateway.amazonaws.com' };
      const running = lambda.invoke({ principal, function: route.functionArn, event: JSON.stringify(event), context });
      let cancel = () => {};
      const tooLong = new Promise<undefined>((resolve) => {
        cancel = clock.after(PATIENCE_MS, () => resolve(undefined));
      });
      try {
        const answer = await Promise.race([running, tooLong]);
        if (!answer) return UNAVAILABLE;
        exchange.integrationStatus = 200;
        return answer.failed ? INTERNAL : answer.payload;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        exchange.integrationStatus = error.status;
        exchange.integrationError = error.message;
        return error.status === 429 ? UNAVAILABLE : INTERNAL;
      } finally {
        cancel();
      }
    };

    const answer = async (): Promise<{ status: number; bytes: number }> => {
      if (api.cors && isPreflight(request)) {
        response.writeHead(204, { ...requestId, ...preflightHeaders(api.cors, request) }).end();
        return { status: 204, bytes: 0 };
      }
      const body = await bodyOf(request, LARGEST_REQUEST);
      if (!body) return refuse(TOO_LARGE);
      const found = await admitted(api, stage, exchange);
      if (isRefusal(found)) return refuse(found);
      const { route, ...known } = found;
      const named = { account: place.account, apiId: api.id, domainName, requestId: exchange.id, routeKey: route.key };
      const invokedAt = performance.now();
      const given = await invoke(route, eventOf({ request, body, now: exchange.at, ...named, ...known }));
      exchange.integrationMs = performance.now() - invokedAt;
      if (typeof given !== 'string') return refuse(given);
      return answerWith(response, given, { ...requestId, ...corsHeaders(api.cors, request) });
    };

    Object.assign(exchange, await answer());
    const latencyMs = performance.now() - began;
    const count = (name: string, value: number) =>
      metrics.put({ namespace: 'AWS/ApiGateway', name, dimensions: { ApiId: api.id } }, value);
    count('Count', 1);
    count('4xx', exchange.status >= 400 && exchange.status < 500 ? 1 : 0);
    count('5xx', exchange.status >= 500 ? 1 : 0);
    count('Latency', latencyMs);
    if (stage.log) logs.vend(stage.log.group, api.id, accessLine(stage.log.format, api.id, exchange, latencyMs));
  };
