import type * as z from 'zod';
import type { corsConfiguration } from './cors.ts';
import type { JwtAuthorizer } from './jwt-authorizer.ts';
import type { RouteKey } from './route.ts';
import type { tokenBucket } from './token-bucket.ts';

export interface Route extends RouteKey {
  functionArn: string;
  /** Nothing for a route that is open to anybody. */
  authorizer: JwtAuthorizer | undefined;
  scopes: readonly string[];
}

export interface Stage {
  name: string;
  bucket: ReturnType<typeof tokenBucket>;
  log: { group: string; format: string } | undefined;
}

export interface HttpApi {
  id: string;
  /** Under AWS's own name it answers unless it is told not to. */
  hasOwnName: boolean;
  cors: z.output<typeof corsConfiguration> | undefined;
  routes: Route[];
  stages: Map<string, Stage>;
  /** Functions by the ids of integrations. */
  integrations: Map<string, string>;
  authorizers: Map<string, JwtAuthorizer>;
  nextRequestId: () => string;
}
