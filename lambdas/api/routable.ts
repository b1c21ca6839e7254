import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A request in the form that the router takes, with the request as it came. */
export interface RoutableEvent extends APIGatewayProxyEventV2 {
  received: APIGatewayProxyEventV2;
}

/** HEAD is answered as GET is, without the body. */
const READING = ['GET', 'HEAD'];

/** For the header `Allow`. */
export const ALLOWED_METHODS = READING.join(', ');

const isReading = (method: string): boolean => READING.includes(method.toUpperCase());

/**
 * The request as the router takes it: its path and query, and as its method GET to read, else POST. The router makes a
 * `Request` of it, which throws for much that may arrive and does not matter here: a GET with a body, the method TRACE,
 * a header beyond Latin-1, a host that is none.
 */
export const toRoutable = (event: APIGatewayProxyEventV2): RoutableEvent => {
  const { requestContext, rawPath } = event;
  const { body, cookies, ...rest } = event;
  return {
    ...rest,
    rawPath: rawPath.startsWith('/') ? rawPath : `/${rawPath}`,
    headers: { host: 'api' },
    requestContext: {
      ...requestContext,
      http: { ...requestContext.http, method: isReading(requestContext.http.method) ? 'GET' : 'POST' },
    },
    received: event,
  };
};
