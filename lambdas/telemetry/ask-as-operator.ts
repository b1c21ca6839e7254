import type * as z from 'zod';
import { askApi, type Question } from './ask-api.ts';

/** Longer than the api needs for any report, also from a cold start. */
const TIMEOUT_MS = 30_000;

/** Asks the api function about all tenants' calls, for the deployment's own checks. Throws as `askApi` does. */
export const askAsOperator = <Answer extends z.ZodType>(
  question: Omit<Question<Answer>, 'tenant' | 'signal'>,
): Promise<z.output<Answer>> => askApi({ ...question, tenant: undefined, signal: AbortSignal.timeout(TIMEOUT_MS) });
