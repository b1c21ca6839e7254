import type { IncomingMessage } from 'node:http';
import * as z from 'zod';

/** An API's CORS configuration; what the local run does not answer is refused at the start. */
export const corsConfiguration = z.strictObject({
  AllowOrigins: z.array(z.string()).default([]),
  AllowMethods: z.array(z.string()).default([]),
  AllowHeaders: z.array(z.string()).default([]),
  ExposeHeaders: z.array(z.string()).default([]),
  MaxAge: z.int().default(0),
});
type Cors = z.output<typeof corsConfiguration>;

const allowed = ({ AllowOrigins }: Cors, origin: string | undefined): origin is string =>
  origin !== undefined && AllowOrigins.some((one) => one === '*' || one === origin);

/** True of what a browser asks before a page's own request. The API answers it itself, whatever its routes. */
export const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/** The headers of the answer to that. None to a page that may not call; its browser stops there. */
export const preflightHeaders = (cors: Cors, { headers: { origin } }: IncomingMessage): Record<string, string> =>
  allowed(cors, origin)
    ? {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': cors.AllowMethods.join(','),
        'access-control-allow-headers': cors.AllowHeaders.join(','),
        'access-control-max-age': String(cors.MaxAge),
        vary: 'origin',
      }
    : {};

/** The headers a function's answer gains. */
export const corsHeaders = (
  cors: Cors | undefined,
  { headers: { origin } }: IncomingMessage,
): Record<string, string> =>
  cors && allowed(cors, origin)
    ? {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': cors.ExposeHeaders.join(','),
        vary: 'origin',
      }
    : {};
