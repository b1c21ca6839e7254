import type { APIGatewayProxyEventV2 } from 'aws-lambda';

interface Given {
  method?: string;
  path?: string;
  /** Without the question mark. */
  query?: string;
  /** By lower-case name. */
  headers?: Record<string, string>;
  body?: object;
  domainName?: string;
  apiId?: string;
  /** The claims of the token that the front door verified, as it passes them on. */
  claims?: Record<string, string>;
  /** The token's scopes; null for a route without scopes. */
  scopes?: string[];
  /** The payload of that token. Without it, the request has no token that could be read. */
  payload?: Record<string, unknown>;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A request as an HTTP API passes it to a function. */
export const aRequest = (given: Given = {}): APIGatewayProxyEventV2 => {
  const { method = 'GET', path = '/', query = '', body, apiId = 'a1b2c3d4e5', claims, scopes = null, payload } = given;
  const token = payload && { authorization: `Bearer ${encode({ alg: 'RS256' })}.${encode(payload)}.c2lnbmF0dXJl` };
  const domainName = given.domainName ?? `${apiId}.execute-api.eu-central-1.amazonaws.com`;
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers: { host: domainName, ...token, ...given.headers },
    requestContext: {
      accountId: '000000000000',
      apiId,
      ...(claims && { authorizer: { jwt: { claims, scopes } } }),
      domainName,
      domainPrefix: 'a1b2c3d4e5',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: 'a-request',
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: '21/Nov/2026:00:00:00 +0000',
      timeEpoch: 0,
    } as APIGatewayProxyEventV2['requestContext'],
    ...(body && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  };
};
