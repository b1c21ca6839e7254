import type { CorsConfiguration } from './cors.ts';
import type { JwtAuthorizer } from './jwt-authorizer.ts';
import type { RouteKey } from './route.ts';
import type { TokenBucket } from './token-bucket.ts';

export interface Route extends RouteKey {
  functionArn: string;
  /** Undefined for a route that needs no token. */
  authorizer: JwtAuthorizer | undefined;
  scopes: readonly string[];
}

export interface Stage {
  name: string;
  bucket: TokenBucket;
  accessLog: { group: string; format: string } | undefined;
}

export interface HttpApi {
  id: string;
  /** Whether it answers at its `execute-api` address. */
  hasDefaultEndpoint: boolean;
  cors: CorsConfiguration | undefined;
  routes: Route[];
  stages: Map<string, Stage>;
  /** ARNs of functions, by the ids of integrations. */
  integrations: Map<string, string>;
  authorizers: Map<string, JwtAuthorizer>;
  nextRequestId: () => string;
}
