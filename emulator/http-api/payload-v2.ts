import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';

/** What is text goes to the function as text, everything else as base64. */
const TEXT = /^(text\/|application\/(.*\+)?(json|xml|javascript)|application\/x-www-form-urlencoded)/;

/** The body, or nothing when it is larger than may be; then the rest is read and thrown away. */
export const bodyOf = async (request: IncomingMessage, largestBytes: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= largestBytes) chunks.push(chunk);
  }
  return size > largestBytes ? undefined : Buffer.concat(chunks);
};

export interface Arrived {
  request: IncomingMessage;
  body: Buffer;
  account: string;
  apiId: string;
  domainName: string;
  /** In milliseconds. */
  now: number;
  requestId?: string;
  routeKey?: string;
  pathParameters?: Record<string, string>;
  /** Who a token says its bearer is. */
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

/** The event of payload format 2.0 that a request becomes, behind a Function URL and behind an HTTP API alike. */
export const eventOf = (arrived: Arrived) => {
  const { request, body, account, apiId, domainName, now, routeKey = '$default' } = arrived;
  const url = new URL(request.url ?? '/', 'http://local');
  const headers = Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => name !== 'cookie')
      .map(([name, value]) => [name, [value].flat().join(',')]),
  );
  const isText = TEXT.test(headers['content-type'] ?? '');
  const cookies = request.headers.cookie?.split('; ');
  const queries = Object.fromEntries(
    [...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name).join(',')]),
  );
  const parameters = Object.entries(arrived.pathParameters ?? {});
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookies && { cookies }),
    headers: { ...headers, host: domainName, 'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1' },
    ...(url.search.length > 1 && { queryStringParameters: queries }),
    ...(parameters.length > 0 && { pathParameters: Object.fromEntries(parameters) }),
    requestContext: {
      accountId: account,
      apiId,
      ...(arrived.authorizer !== undefined && { authorizer: arrived.authorizer }),
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: {
        method: request.method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: arrived.requestId ?? randomUUID(),
      routeKey,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now,
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
};

const structured = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
});

/** Answers with what a function gave: a response, or the body of one. Its status, and the bytes of its body. */
export const answerWith = (response: ServerResponse, payload: string, more: Record<string, string> = {}) => {
  const parsed = structured.safeParse(JSON.parse(payload));
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.success
    ? parsed.data
    : { statusCode: 200, headers: {}, cookies: [], body: payload, isBase64Encoded: false };
  response.writeHead(statusCode, {
    'content-type': 'application/json',
    ...headers,
    ...(cookies.length > 0 && { 'set-cookie': cookies }),
    ...more,
  });
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  response.end(bytes);
  return { status: statusCode, bytes: bytes.length };
};
