import type { CallContext } from '../../contract/call-context.ts';
import { DEBUG_HEADER } from '../../contract/client-context.ts';
import { TEXT_LIMIT_BYTES } from '../../contract/limits.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { traceContextOf } from '../call/correlation.ts';
import { readCallContext } from '../call/read-call-context.ts';
import { readProperty, readText } from '../call/read-safely.ts';
import { failureOfInvalidAnswer, failureOfStatus, failureOfStrictAnswer } from './answer-failures.ts';
import { toMethod } from './http-exchange.ts';
import type { EventDescription, EventShape, HttpRequest } from './shape.ts';

function readRequestContext(event: unknown): unknown {
  return readProperty(event, 'requestContext');
}

/** A body as text and, when it is JSON, also as its value: an error may quote either. */
export function readBodyForms(body: unknown): unknown {
  const value = typeof body === 'string' ? parseJson(body) : undefined;
  return value === undefined ? body : [body, value];
}

function readRequestBody(event: unknown): unknown {
  const body = readText(event, 'body');
  const isEncoded = readProperty(event, 'isBase64Encoded') === true && body !== undefined;
  return isEncoded ? [body, readBodyForms(Buffer.from(body, 'base64').toString())] : readBodyForms(body);
}

function bytesOfBody(event: unknown): number {
  const body = readText(event, 'body') ?? '';
  return readProperty(event, 'isBase64Encoded') === true ? Buffer.byteLength(body, 'base64') : Buffer.byteLength(body);
}

const QUOTABLE = [
  'path',
  'rawPath',
  'rawQueryString',
  'queryStringParameters',
  'multiValueQueryStringParameters',
  'pathParameters',
] as const;

/** Senders write names of headers in lower case, or as the client did. */
function debugFlagIn(headers: unknown): Partial<CallContext> {
  const flag = readText(headers, DEBUG_HEADER) ?? readText(headers, 'X-Toolwatch-Debug');
  return flag === undefined ? {} : readCallContext({ debug_flag: flag }, 0);
}

function callOf(headers: unknown, userAgent: string | undefined): Partial<CallContext> {
  return {
    ...traceContextOf(headers),
    ...debugFlagIn(headers),
    ...(userAgent !== undefined && { user_agent: userAgent.slice(0, TEXT_LIMIT_BYTES) }),
  };
}

function describeRequest(
  event: unknown,
  name: string,
  userAgent: string | undefined,
  http?: HttpRequest,
): EventDescription {
  return {
    kind: 'http',
    name,
    ...(http && { http }),
    call: callOf(readProperty(event, 'headers') ?? readProperty(event, 'multiValueHeaders'), userAgent),
    requestBytes: bytesOfBody(event),
    readArguments: () => [...QUOTABLE.map((key) => readProperty(event, key)), readRequestBody(event)],
  };
}

/** The route and not the path, because paths contain ids and their number is unlimited, as that of methods is. */
function nameOf(method: string | undefined, route: string | undefined): string {
  return `${method === undefined ? 'ANY' : toMethod(method)} ${route ?? '$default'}`;
}

/** What clients read when a function throws: HTTP APIs answer 500, all others 502. */
const INTERNAL_SERVER_ERROR = 500;
const BAD_GATEWAY = 502;

function isFunctionUrl(event: unknown): boolean {
  return readText(readRequestContext(event), 'domainName')?.includes('.lambda-url.') ?? false;
}

/** HTTP APIs with payload 2.0, and function URLs. What is not an HTTP response is the body of a 200. */
const HTTP_API: EventShape = {
  sender: 'API Gateway HTTP API, or a function URL',
  matches: (event) => readProperty(readRequestContext(event), 'http') !== undefined,
  describe(event) {
    const http = readProperty(readRequestContext(event), 'http');
    const route = readText(event, 'routeKey') ?? '$default';
    const method = readText(http, 'method');
    const name = route === '$default' ? nameOf(method, route) : route;
    return describeRequest(event, name, readText(http, 'userAgent'), {
      method,
      route: route.includes(' ') ? route.slice(route.indexOf(' ') + 1) : undefined,
      ip: readText(http, 'sourceIp'),
      errorStatus: isFunctionUrl(event) ? BAD_GATEWAY : INTERNAL_SERVER_ERROR,
    });
  },
  failureIn: failureOfStatus,
  answersHttp: true,
};

/** Messages of a WebSocket, and its opening and closing; an answer without a status is the message sent back. */
const WEBSOCKET_API: EventShape = {
  sender: 'API Gateway WebSocket API',
  matches: (event) => readText(readRequestContext(event), 'connectionId') !== undefined,
  describe: (event) => describeRequest(event, readText(readRequestContext(event), 'routeKey') ?? '$default', undefined),
  failureIn: failureOfStatus,
};

function userAgentOf(event: unknown): string | undefined {
  return (
    readText(readProperty(readRequestContext(event), 'identity'), 'userAgent') ??
    readText(readProperty(event, 'headers'), 'user-agent')
  );
}

/** `arn:…:targetgroup/NAME/ID` → `NAME`: a load balancer has no routes, and each function a target group of its own. */
function targetGroupOf(event: unknown): string | undefined {
  return readText(readProperty(readRequestContext(event), 'elb'), 'targetGroupArn')?.split('/')[1];
}

/** A load balancer adds the address of its client to the end of the list. */
function lastForwardedFor(event: unknown): string | undefined {
  return readText(readProperty(event, 'headers'), 'x-forwarded-for')?.split(',').at(-1)?.trim();
}

const MEBIBYTE = 1_048_576;

const LOAD_BALANCER: EventShape = {
  sender: 'Application Load Balancer',
  matches: (event) => readProperty(readRequestContext(event), 'elb') !== undefined,
  describe: (event) =>
    describeRequest(event, nameOf(readText(event, 'httpMethod'), targetGroupOf(event)), userAgentOf(event), {
      method: readText(event, 'httpMethod'),
      route: undefined,
      ip: lastForwardedFor(event),
      errorStatus: BAD_GATEWAY,
    }),
  failureIn: (answer) =>
    readProperty(answer, 'statusCode') === undefined
      ? failureOfInvalidAnswer('The answer has no statusCode')
      : failureOfStrictAnswer(answer),
  answersHttp: true,
  answerLimitBytes: MEBIBYTE,
};

/** REST APIs, and HTTP APIs with payload 1.0. */
const REST_API: EventShape = {
  sender: 'API Gateway REST API, or an HTTP API with payload 1.0',
  matches: (event) => readText(event, 'httpMethod') !== undefined && readText(event, 'path') !== undefined,
  describe: (event) =>
    describeRequest(event, nameOf(readText(event, 'httpMethod'), readText(event, 'resource')), userAgentOf(event), {
      method: readText(event, 'httpMethod'),
      route: readText(event, 'resource'),
      ip: readText(readProperty(readRequestContext(event), 'identity'), 'sourceIp'),
      errorStatus: BAD_GATEWAY,
    }),
  failureIn: failureOfStrictAnswer,
  answersHttp: true,
};

/** Load balancers come before REST APIs, whose events look like theirs. */
export const HTTP_EVENTS: readonly EventShape[] = [HTTP_API, WEBSOCKET_API, LOAD_BALANCER, REST_API];
