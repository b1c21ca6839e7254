import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** Headers that belong to one connection and mean nothing behind Lambda. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

/** `Headers` throws on any other character in a value, and no header that we read needs one. */
const LATIN_1 = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The body of an event of payload format 2.0, which both a Function URL and an HTTP API send. */
export const bodyOf = ({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string =>
  isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;

/** The web request that such an event describes. */
export const requestFrom = (event: APIGatewayProxyEventV2, body: string): Request => {
  const { method } = event.requestContext.http;
  const url = new URL(`https://${event.requestContext.domainName}`);
  url.pathname = event.rawPath;
  url.search = event.rawQueryString;
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined && LATIN_1.test(value)) headers.set(name, value);
  }
  for (const name of HOP_BY_HOP) headers.delete(name);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(url, { method, headers, ...(hasBody ? { body } : {}) });
};

/** The function's result for a web response whose body has been read. */
export const resultFrom = (response: Response, body: string): APIGatewayProxyStructuredResultV2 => {
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !HOP_BY_HOP.includes(name)));
  return { statusCode: response.status, headers, body, isBase64Encoded: false };
};
