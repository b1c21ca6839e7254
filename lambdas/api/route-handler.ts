import type { RequestContext } from '@aws-lambda-powertools/event-handler/types';
import type { WholeCall } from '../contract/api/calls.ts';
import type { CostFacts } from '../contract/api/costs.ts';
import type { HealthReport } from '../contract/reports.ts';
import type { Database } from '../database/database.ts';

/** What the handlers of all routes share. */
export interface RouteParts {
  database: Database;
  servePage(): Response;
  serveReference(): Response;
  serveOpenApi(): Response;
  readCostFacts(): CostFacts;
  checkHealth(now: Date): Promise<HealthReport>;
  /** The page of the console with a call's line; null where there is none. */
  logPageOf(call: WholeCall): string | null;
  /** The tenant of a request; undefined for the operator. */
  tenantOf(context: RequestContext): string | undefined;
  /** Throws for anyone but the operator. */
  operatorOnly(context: RequestContext): void;
  /** Throws for anyone but the operator and clients that read nothing but metrics. */
  metricsOnly(context: RequestContext): void;
}

export type RouteHandler = (parts: RouteParts, context: RequestContext) => Promise<Response>;
