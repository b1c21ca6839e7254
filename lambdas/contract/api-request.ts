/** A GET as the api function meets it behind its own URL. */
export const apiRequest = (path: string, query: string, correlationId: string) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: query,
  headers: { accept: 'application/json', host: 'api', 'x-correlation-id': correlationId },
  queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
  requestContext: {
    accountId: 'anonymous',
    apiId: 'tools',
    domainName: 'api',
    domainPrefix: 'api',
    http: { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'toolwatch' },
    requestId: correlationId,
    routeKey: '$default',
    stage: '$default',
    time: new Date().toISOString(),
    timeEpoch: Date.now(),
  },
  isBase64Encoded: false,
});
