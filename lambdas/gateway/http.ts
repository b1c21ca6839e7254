import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** Headers that belong to one connection and mean nothing behind Lambda. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

/** `Headers` throws on any other character in a name or value, and no header that we read needs one. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
const LATIN_1 = /^[\t\x20-\x7e\x80-\xff]*$/;

/** A request as an event of payload format 2.0 describes it; both a Function URL and an HTTP API send that format. */
export interface Received {
  method: string;
  url: URL;
  headers: Headers;
  /** Undefined when the bytes sent are not UTF-8. */
  body: string | undefined;
}

const readBody = ({ body, isBase64Encoded }: APIGatewayProxyEventV2): string | undefined => {
  if (typeof body !== 'string' || !isBase64Encoded) return body ?? '';
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body, 'base64'));
  } catch {
    return undefined;
  }
};

/** The request that an event describes. Headers that cannot be represented are left out. */
export const readRequest = (event: APIGatewayProxyEventV2): Received => {
  // AWS's endpoints have TLS; a local run has none.
  const scheme = event.headers?.['x-forwarded-proto'] === 'http' ? 'http' : 'https';
  const url = new URL(`${scheme}://${event.requestContext.domainName}`);
  url.pathname = event.rawPath;
  url.search = event.rawQueryString;
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (typeof value === 'string' && TOKEN.test(name) && LATIN_1.test(value)) headers.set(name, value);
  }
  for (const name of HOP_BY_HOP) headers.delete(name);
  return { method: event.requestContext.http.method, url, headers, body: readBody(event) };
};

/** The paths that are answered with something else than that there is nothing. */
const ROUTES = ['/', '/mcp', '/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'];

/** The route of a request. Paths that are not ours are one: clients may request any number. */
export const routeOf = ({ url: { pathname } }: Pick<Received, 'url'>): string =>
  ROUTES.includes(pathname) ? pathname : '/{any}';

/** The headers of an answer, with the id under which its request can be found. */
export const headersOf = (response: Response, correlationId: string): Record<string, string> => ({
  ...Object.fromEntries([...response.headers].filter(([name]) => !HOP_BY_HOP.includes(name))),
  'x-request-id': correlationId,
});

/** The function's result for a web response whose body has been read. It always fits what Lambda returns. */
export const resultFrom = (
  response: Response,
  body: string,
  { correlationId, durationMs }: { correlationId: string; durationMs: number },
): APIGatewayProxyStructuredResultV2 => ({
  statusCode: response.status,
  headers: { ...headersOf(response, correlationId), 'server-timing': `total;dur=${durationMs.toFixed(1)}` },
  body,
  isBase64Encoded: false,
});
