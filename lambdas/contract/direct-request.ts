import type { Method } from './request-names.ts';

/**
 * The API id in a request that an IAM principal sends to a function directly, without the front door. The front door
 * always writes its own id there, so a request that comes through it can never claim this value.
 */
export const DIRECT = 'direct';
/** Header that names the tenant of a request that carries no token. */
export const TENANT_HEADER = 'x-tenant-id';
/** Header by which the sender of a direct request says who acts. It is believed of nobody else. */
export const ACTOR_HEADER = 'x-toolwatch-actor';

interface DirectRequest {
  method: Method;
  path: string;
  query?: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body?: string;
  correlationId: string;
}

/** The event that a function receives from the front door, for invoking the function directly. */
export const buildDirectRequest = ({ method, path, query = '', headers, body, correlationId }: DirectRequest) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: query,
  headers: { host: DIRECT, 'x-correlation-id': correlationId, ...headers },
  queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
  ...(body === undefined ? {} : { body }),
  requestContext: {
    accountId: 'anonymous',
    apiId: DIRECT,
    domainName: DIRECT,
    domainPrefix: DIRECT,
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'toolwatch' },
    requestId: correlationId,
    routeKey: '$default',
    stage: '$default',
    time: new Date().toISOString(),
    timeEpoch: Date.now(),
  },
  isBase64Encoded: false,
});

/**
 * A request to the api function: about one tenant's calls, or as the operator about all tenants' when `tenant` is
 * undefined.
 */
export const buildApiRequest = (path: string, query: string, correlationId: string, tenant: string | undefined) =>
  buildDirectRequest({
    method: 'GET',
    path,
    query,
    headers: { accept: 'application/json', ...(tenant === undefined ? {} : { [TENANT_HEADER]: tenant }) },
    correlationId,
  });

/** A request to a function of ours, as the operator. `actor` is who asks for a change. */
export const buildChangeRequest = (
  method: DirectRequest['method'],
  path: string,
  {
    query,
    body,
    actor,
    correlationId,
  }: { query?: string; body?: object | undefined; actor: string | undefined; correlationId: string },
) =>
  buildDirectRequest({
    method,
    path,
    ...(query !== undefined && { query }),
    headers: { accept: 'application/json', ...(actor !== undefined && { [ACTOR_HEADER]: actor }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    correlationId,
  });
