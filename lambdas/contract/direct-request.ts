/**
 * What stands where the front door would write its own id, in a request that somebody hands to a function directly, by
 * right of IAM. The front door writes that field itself, so nobody who comes through it can claim this.
 */
export const DIRECT = 'direct';
/** Names the tenant a request is about, where no token does. */
export const TENANT_HEADER = 'x-tenant-id';

interface Sent {
  method: 'GET' | 'POST';
  path: string;
  query?: string;
  /** By lower-case name. */
  headers: Record<string, string>;
  body?: string;
  correlationId: string;
}

/** A request as a function meets it behind the front door, for whoever invokes the function without one. */
export const buildDirectRequest = ({ method, path, query = '', headers, body, correlationId }: Sent) => ({
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

/** A question to the api function: about one tenant's calls, or as the house about everybody's. */
export const buildApiRequest = (path: string, query: string, correlationId: string, tenant: string | undefined) =>
  buildDirectRequest({
    method: 'GET',
    path,
    query,
    headers: { accept: 'application/json', ...(tenant === undefined ? {} : { [TENANT_HEADER]: tenant }) },
    correlationId,
  });
