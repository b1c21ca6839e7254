import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A request in the form that the router takes, with the request as it came. */
export interface RoutableEvent extends APIGatewayProxyEventV2 {
  received: APIGatewayProxyEventV2;
}

/** HEAD is answered as GET is, without the body. */
const ROUTED: Readonly<Record<string, string>> = {
  GET: 'GET',
  HEAD: 'GET',
  POST: 'POST',
  PUT: 'PUT',
  DELETE: 'DELETE',
};

/** Stands for every method by which nothing can be asked for. */
export const OTHER_METHODS = 'PATCH';

/**
 * The request as the router takes it: its method, path and query. The router makes a `Request` of it, which throws for
 * much that may arrive and does not matter here: a GET with a body, the method TRACE, a header beyond Latin-1, a host
 * that is none. Whoever wants the body finds it in `received`.
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
      http: { ...requestContext.http, method: ROUTED[requestContext.http.method.toUpperCase()] ?? OTHER_METHODS },
    },
    received: event,
  };
};
