import type { IncomingMessage } from 'node:http';
import * as z from 'zod';

/** An API's CORS configuration; settings that the emulator does not support are refused at deployment. */
export const corsConfiguration = z.strictObject({
  AllowOrigins: z.array(z.string()).default([]),
  AllowMethods: z.array(z.string()).default([]),
  AllowHeaders: z.array(z.string()).default([]),
  ExposeHeaders: z.array(z.string()).default([]),
  MaxAge: z.int().default(0),
});
export type CorsConfiguration = z.output<typeof corsConfiguration>;

const isAllowedOrigin = ({ AllowOrigins }: CorsConfiguration, origin: string | undefined): origin is string =>
  origin !== undefined && (AllowOrigins.includes('*') || AllowOrigins.includes(origin));

/** Whether this is a browser's preflight request, which the API answers itself, whatever its routes. */
export const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/** The headers of the answer to a preflight request. Without any, the browser does not make the page's request. */
export const preflightHeaders = (
  cors: CorsConfiguration,
  { headers: { origin } }: IncomingMessage,
): Record<string, string> => {
  if (!isAllowedOrigin(cors, origin)) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': cors.AllowMethods.join(','),
    'access-control-allow-headers': cors.AllowHeaders.join(','),
    'access-control-max-age': String(cors.MaxAge),
    vary: 'origin',
  };
};

/** The headers that the API adds to a function's response. */
export const corsHeaders = (
  cors: CorsConfiguration | undefined,
  { headers: { origin } }: IncomingMessage,
): Record<string, string> => {
  if (!cors || !isAllowedOrigin(cors, origin)) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': cors.ExposeHeaders.join(','),
    vary: 'origin',
  };
};
