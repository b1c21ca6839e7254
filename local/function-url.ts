import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { AwsError } from './aws-error.ts';
import type { Lambda } from './lambda.ts';
import type { Answer } from './lambda-environment.ts';
import type { FunctionUrl } from './lambda-rules.ts';
import type { Place } from './place.ts';

/** Lambda's limit on a request, in bytes. */
const LARGEST_REQUEST = 6 * 1_024 * 1_024;

/** What is text goes to the function as text, everything else as base64. */
const TEXT = /^(text\/|application\/(.*\+)?(json|xml|javascript)|application\/x-www-form-urlencoded)/;

/** The body, or nothing when it is larger than Lambda takes; then the rest is read and thrown away. */
const bodyOf = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_REQUEST) chunks.push(chunk);
  }
  return size > LARGEST_REQUEST ? undefined : Buffer.concat(chunks);
};

/** The event of payload format 2.0 that a request becomes. */
export const eventOf = (place: Place, request: IncomingMessage, body: Buffer, domainName: string, now: number) => {
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
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookies && { cookies }),
    headers: { ...headers, host: domainName, 'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1' },
    ...(url.search.length > 1 && { queryStringParameters: queries }),
    requestContext: {
      accountId: place.account,
      apiId: domainName.split('.')[0],
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: {
        method: request.method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date(now).toUTCString(),
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

const reply = (response: ServerResponse, { payload, failed }: Answer): void => {
  if (failed) {
    response.writeHead(502, { 'content-type': 'text/plain' }).end('Internal Server Error');
    return;
  }
  const parsed = structured.safeParse(JSON.parse(payload));
  // A result that is no response is the body of one.
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.success
    ? parsed.data
    : { statusCode: 200, headers: {}, cookies: [], body: payload, isBase64Encoded: false };
  response.writeHead(statusCode, {
    'content-type': 'application/json',
    ...headers,
    ...(cookies.length > 0 && { 'set-cookie': cookies }),
  });
  response.end(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
};

/** Answers a request through the function behind a Function URL. */
export const serveFunctionUrl =
  (place: Place, lambda: Lambda, url: string, { functionArn, isPublic }: FunctionUrl) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    if (!body) {
      response.writeHead(413, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ Message: 'Request Too Long' }));
      return;
    }
    const event = JSON.stringify(eventOf(place, request, body, new URL(url).hostname, Date.now()));
    try {
      reply(response, await lambda.invokeByUrl(functionArn, event, isPublic));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      response.writeHead(error.status, { 'content-type': 'application/json', 'x-amzn-errortype': error.code });
      response.end(JSON.stringify({ Message: error.message }));
    }
  };
