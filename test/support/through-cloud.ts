import type { Cloud } from '../../emulator/cloud.ts';

export const OPERATOR = { person: 'operator' };

/** Runs one of the service's functions as a person of the account. */
export const invoke = async (cloud: Cloud, name: string, event: unknown = {}) =>
  cloud.lambda.invoke({ principal: OPERATOR, function: `toolwatch-${name}`, event: JSON.stringify(event) });

/** A request as a Function URL hands it to its function. */
export const request = (method: string, rawPath: string, body?: object) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath,
  rawQueryString: '',
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  requestContext: {
    domainName: 'local',
    http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
    requestId: 'test',
    stage: '$default',
    timeEpoch: 0,
  },
  ...(body && { body: JSON.stringify(body) }),
  isBase64Encoded: false,
});
/** A call of a tool, as the gateway's function is handed it. */
export const toolCall = (name: string, args: object) =>
  request('POST', '/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } });
export const callOrder = (cloud: Cloud) => invoke(cloud, 'gateway', toolCall('order_status', { order_id: 'A-1042' }));
/** What the subscription's metric of that name adds up to. */
export const forwarded = (cloud: Cloud, name = 'ForwardedLogEvents') =>
  cloud.metrics.statistic(
    {
      namespace: 'AWS/Logs',
      name,
      dimensions: { LogGroupName: '/toolwatch/calls', DestinationType: 'Lambda', FilterName: 'calls' },
    },
    'Sum',
    0,
    Date.now() + 60_000,
  )?.value ?? 0;
/** How often a function failed; nothing when it never ran. */
export const errors = (cloud: Cloud, name: string) =>
  cloud.metrics.statistic(
    { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: `toolwatch-${name}` } },
    'Sum',
    0,
    Date.now() + 60_000,
  )?.value;
/** Makes an alarm of the warning kind fire. */
export const alarm = (cloud: Cloud) => {
  cloud.metrics.put({ namespace: 'Toolwatch', name: 'telemetry_dropped', dimensions: { service: 'toolwatch' } }, 5);
  cloud.alarms.evaluateAll((Math.floor(Date.now() / 60_000) + 2) * 60_000);
};
