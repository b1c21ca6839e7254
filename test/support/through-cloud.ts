import type { Cloud } from '../../emulator/cloud.ts';
import { buildDirectRequest } from '../../lambdas/contract/direct-request.ts';

export const OPERATOR = { person: 'operator' };

/** Invokes one of the service's functions as the operator. */
export const invoke = async (cloud: Cloud, name: string, event: unknown = {}) =>
  cloud.lambda.invoke({ principal: OPERATOR, function: `toolwatch-${name}`, event: JSON.stringify(event) });

/** The bucket whose name has this part, in lower case: `keptpayloads`. */
export const bucketNamed = ({ s3 }: Cloud, part: string): string =>
  s3.buckets().find((name) => name.includes(part)) ?? '';

/** The event by which the operator sends a request to a function directly, without the front door. */
export const request = (method: 'GET' | 'POST', path: string, body?: object) =>
  buildDirectRequest({
    method,
    path,
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    ...(body && { body: JSON.stringify(body) }),
    correlationId: 'test',
  });
/** The event with which the gateway's function receives a call of a tool. */
export const toolCall = (name: string, args: object) =>
  request('POST', '/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } });
export const callOrder = (cloud: Cloud) => invoke(cloud, 'gateway', toolCall('order_status', { order_id: 'A-1042' }));
/** The sum of a metric of the subscription, by default of how many lines it forwarded. */
export const countForwarded = (cloud: Cloud, name = 'ForwardedLogEvents') =>
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
/** How often a function failed; `undefined` when it never ran. */
export const countErrors = (cloud: Cloud, name: string) =>
  cloud.metrics.statistic(
    { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: `toolwatch-${name}` } },
    'Sum',
    0,
    Date.now() + 60_000,
  )?.value;
/** Makes an alarm of severity warning fire. */
export const fireAlarm = (cloud: Cloud) => {
  cloud.metrics.put({ namespace: 'Toolwatch', name: 'telemetry_dropped', dimensions: { service: 'toolwatch' } }, 5);
  cloud.alarms.evaluateAll((Math.floor(Date.now() / 60_000) + 2) * 60_000);
};
/** Makes a metric say that payloads could be neither stored nor retained, for which a critical alarm fires. */
export const fireCriticalAlarm = (cloud: Cloud) => {
  const dimensions = { FunctionName: 'toolwatch-ingest' };
  cloud.metrics.put({ namespace: 'AWS/Lambda', name: 'DestinationDeliveryFailures', dimensions }, 1);
};
