import type * as z from 'zod';
import { type ApiQuery, queryApi } from './query-api.ts';

/** Longer than the api needs for any report, also from a cold start. */
const TIMEOUT_MS = 30_000;

/** Queries the api function about all tenants' calls, for the deployment's own checks. Throws as `queryApi` does. */
export const queryApiAsOperator = <Answer extends z.ZodType>(
  query: Omit<ApiQuery<Answer>, 'tenant' | 'signal'>,
): Promise<z.output<Answer>> => queryApi({ ...query, tenant: undefined, signal: AbortSignal.timeout(TIMEOUT_MS) });
