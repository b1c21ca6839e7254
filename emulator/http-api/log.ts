import type { IncomingMessage } from 'node:http';
import { commonLogTime } from './payload-v2.ts';

/** What is told of one request. */
export interface Exchange {
  id: string;
  request: IncomingMessage;
  /** In milliseconds. */
  at: number;
  status: number;
  /** Of the answer's body. */
  bytes: number;
  routeKey?: string;
  /** Why the API itself answered with an error. */
  error?: string;
  /** Why no token was taken. */
  refused?: string | undefined;
  integrationStatus?: number;
  integrationError?: string;
  integrationMs?: number;
}

/** Each variable of an access log that the local run knows. */
const VARIABLES: Record<string, (exchange: Exchange, apiId: string, latencyMs: number) => unknown> = {
  apiId: (_, apiId) => apiId,
  requestId: ({ id }) => id,
  requestTime: ({ at }) => commonLogTime(at),
  'identity.sourceIp': () => '127.0.0.1',
  httpMethod: ({ request }) => request.method,
  path: ({ request }) => new URL(request.url ?? '/', 'http://local').pathname,
  routeKey: ({ routeKey }) => routeKey,
  status: ({ status }) => status,
  'authorizer.error': ({ refused }) => refused,
  'error.message': ({ error }) => error,
  integrationErrorMessage: ({ integrationError }) => integrationError,
  integrationStatus: ({ integrationStatus }) => integrationStatus,
  responseLatency: (_, __, latencyMs) => Math.round(latencyMs),
  integrationLatency: ({ integrationMs }) => (integrationMs === undefined ? undefined : Math.round(integrationMs)),
  responseLength: ({ bytes }) => bytes,
};

const NAME = /\$context\.([\w.]+)/g;

/** Throws, naming it, for a variable the local run does not know. */
export const checkFormat = (format: string): string => {
  for (const [, name = ''] of format.matchAll(NAME)) {
    if (!(name in VARIABLES)) throw new Error(`The local run does not know the access log's $context.${name}`);
  }
  return format;
};

/** A line of an access log. What there is nothing to tell of is a hyphen. */
export const accessLine = (format: string, apiId: string, exchange: Exchange, latencyMs: number): string =>
  format.replaceAll(NAME, (_, name: string) => String(VARIABLES[name]?.(exchange, apiId, latencyMs) ?? '-'));
