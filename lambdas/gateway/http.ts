import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** Headers that belong to one connection and mean nothing behind Lambda. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

/** Whatever else a client sends in a header, `Headers` refuses, and no header we read has it. */
const LATIN_1 = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What an event of payload format 2.0 carries: a Function URL's, or an HTTP API's. */
export const bodyOf = ({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string =>
  isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;

/** The web request such an event stands for. */
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
  const carriesBody = method !== 'GET' && method !== 'HEAD';
  return new Request(url, { method, headers, ...(carriesBody ? { body } : {}) });
};

/** What to answer such an event with for a web response whose body has been read. */
export const resultFrom = (response: Response, body: string): APIGatewayProxyStructuredResultV2 => {
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !HOP_BY_HOP.includes(name)));
  return { statusCode: response.status, headers, body, isBase64Encoded: false };
};
