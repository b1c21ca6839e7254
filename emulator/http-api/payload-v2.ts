import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';

/** The content types whose bodies a function receives as text; it receives all others as base64. */
const TEXT_CONTENT_TYPE = /^(text\/|application\/(.*\+)?(json|xml|javascript)|application\/x-www-form-urlencoded)/;

/** The request's body; undefined when it is too large, in which case the rest is read and discarded. */
export const readBody = async (request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
  }
  return size > maxBytes ? undefined : Buffer.concat(chunks);
};

export interface ReceivedRequest {
  request: IncomingMessage;
  body: Buffer;
  account: string;
  apiId: string;
  domainName: string;
  /** Of the address that the client used; all of AWS's have TLS. */
  scheme?: 'http' | 'https';
  /** When it arrived, in milliseconds. */
  now: number;
  requestId?: string;
  routeKey?: string;
  pathParameters?: Record<string, string>;
  /** The claims and scopes of a verified token. */
  authorizer?: unknown;
}

const twoDigits = (value: number) => String(value).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `21/Nov/2026:03:12:45 +0000` */
export const commonLogTime = (ms: number): string => {
  const at = new Date(ms);
  const day = [twoDigits(at.getUTCDate()), MONTHS[at.getUTCMonth()], at.getUTCFullYear()].join('/');
  const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(twoDigits).join(':');
  return `${day}:${time} +0000`;
};

/** The event of payload format 2.0 for a request; Function URLs and HTTP APIs use the same format. */
export const eventOf = (received: ReceivedRequest) => {
  const { request, body, account, apiId, domainName, now, routeKey = '$default', scheme = 'https' } = received;
  const url = new URL(request.url ?? '/', 'http://local');
  const headers = Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => name !== 'cookie')
      .map(([name, value]) => [name, [value].flat().join(',')]),
  );
  const isText = TEXT_CONTENT_TYPE.test(headers['content-type'] ?? '');
  const cookies = request.headers.cookie?.split('; ');
  const queries = Object.fromEntries(
    [...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name).join(',')]),
  );
  const parameters = Object.entries(received.pathParameters ?? {});
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookies && { cookies }),
    headers: { ...headers, host: domainName, 'x-forwarded-proto': scheme, 'x-forwarded-for': '127.0.0.1' },
    ...(url.search.length > 1 && { queryStringParameters: queries }),
    ...(parameters.length > 0 && { pathParameters: Object.fromEntries(parameters) }),
    requestContext: {
      accountId: account,
      apiId,
      ...(received.authorizer !== undefined && { authorizer: received.authorizer }),
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: {
        method: request.method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: received.requestId ?? randomUUID(),
      routeKey,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now,
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
};

const functionResponse = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
});

/**
 * Sends a function's result, which is a response or only the body of one, with these headers added. Returns the status
 * and the length of the body.
 */
export const sendResult = (response: ServerResponse, payload: string, addedHeaders: Record<string, string> = {}) => {
  const parsed = functionResponse.safeParse(JSON.parse(payload));
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.success
    ? parsed.data
    : { statusCode: 200, headers: {}, cookies: [], body: payload, isBase64Encoded: false };
  response.writeHead(statusCode, {
    'content-type': 'application/json',
    ...headers,
    ...(cookies.length > 0 && { 'set-cookie': cookies }),
    ...addedHeaders,
  });
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  response.end(bytes);
  return { status: statusCode, bytes: bytes.length };
};
