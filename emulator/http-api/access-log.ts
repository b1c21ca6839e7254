import type { IncomingMessage } from 'node:http';
import { commonLogTime } from './payload-v2.ts';

/** A request and its response, as an access log reports them. */
export interface Exchange {
  id: string;
  request: IncomingMessage;
  /** When the request arrived, in milliseconds. */
  at: number;
  status: number;
  /** The length of the response's body. */
  bytes: number;
  routeKey?: string;
  /** The message of an error response of the API itself. */
  error?: string;
  /** Why the authorizer rejected the token. */
  authorizerError?: string | undefined;
  integrationStatus?: number;
  integrationError?: string;
  integrationMs?: number;
}

/** The supported variables of an access log. */
const VARIABLES: Record<string, (exchange: Exchange, apiId: string, latencyMs: number) => unknown> = {
  apiId: (_, apiId) => apiId,
  requestId: ({ id }) => id,
  requestTime: ({ at }) => commonLogTime(at),
  'identity.sourceIp': () => '127.0.0.1',
  httpMethod: ({ request }) => request.method,
  path: ({ request }) => new URL(request.url ?? '/', 'http://local').pathname,
  routeKey: ({ routeKey }) => routeKey,
  status: ({ status }) => status,
  'authorizer.error': ({ authorizerError }) => authorizerError,
  'error.message': ({ error }) => error,
  integrationErrorMessage: ({ integrationError }) => integrationError,
  integrationStatus: ({ integrationStatus }) => integrationStatus,
  responseLatency: (_, __, latencyMs) => Math.round(latencyMs),
  integrationLatency: ({ integrationMs }) => (integrationMs === undefined ? undefined : Math.round(integrationMs)),
  responseLength: ({ bytes }) => bytes,
};

const VARIABLE = /\$context\.([\w.]+)/g;

/** Returns the format. Throws, naming it, for a variable that the emulator does not support. */
export const validateFormat = (format: string): string => {
  for (const [, name = ''] of format.matchAll(VARIABLE)) {
    if (!(name in VARIABLES)) throw new Error(`The emulator does not support the access log's $context.${name}`);
  }
  return format;
};

/** A line of an access log; a variable without a value is a hyphen. */
export const formatAccessLine = (format: string, apiId: string, exchange: Exchange, latencyMs: number): string =>
  format.replaceAll(VARIABLE, (_, name: string) => String(VARIABLES[name]?.(exchange, apiId, latencyMs) ?? '-'));
