import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { listen } from './http-server.ts';

interface Context {
  awsRequestId: string;
  getRemainingTimeInMillis: () => number;
}
type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

const toEvent = async (request: IncomingMessage): Promise<APIGatewayProxyEventV2> => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const method = request.method ?? 'GET';
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const body = await text(request);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    requestContext: {
      accountId: 'anonymous',
      apiId: 'test',
      domainName: headers.host ?? 'localhost',
      domainPrefix: 'test',
      http: { method, path: url.pathname, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date().toISOString(),
      timeEpoch: Date.now(),
    },
    ...(body && { body }),
    isBase64Encoded: false,
  };
};

/** As Lambda answers for a function that throws, with what it threw. */
const answerThrown = (error: unknown): APIGatewayProxyStructuredResultV2 => ({ statusCode: 502, body: String(error) });

/** Serves a handler as a Function URL does, over real HTTP. */
export const serveFunctionUrl = (handler: Handler) =>
  listen(async (request, response) => {
    const context = { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => 900_000 };
    const { statusCode, headers, body } = await handler(await toEvent(request), context).catch(answerThrown);
    for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, String(value));
    response.writeHead(statusCode ?? 200).end(body);
  });
