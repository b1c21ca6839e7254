import * as z from 'zod';
import { ERROR_RATE, MIN_CALLS, MIN_ERRORS, p95MsOf, type TimeFacts } from './tool-facts.ts';

/** A row of `analytics.tool_thresholds`: the limits that the health view and the alarms apply to one tool. */
export const toolThresholds = z.object({
  name: z.string().min(1),
  p95_ms: z.number().positive(),
  /** 0 to 1. */
  error_rate: z.number().min(0).max(1),
  min_calls: z.int().min(0),
  min_errors: z.int().min(0),
  /** The share of calls that should succeed, where the tool states one. */
  objective: z.number().min(0).max(1).optional(),
});
export type ToolThresholds = z.infer<typeof toolThresholds>;

/** The thresholds in a tool's facts, with defaults filled in. */
export const thresholdsOf = (facts: TimeFacts & { readonly name: string }): ToolThresholds => ({
  name: facts.name,
  p95_ms: p95MsOf(facts),
  error_rate: facts.alarms.errorRate ?? ERROR_RATE,
  min_calls: facts.alarms.minCalls ?? MIN_CALLS,
  min_errors: facts.alarms.minErrors ?? MIN_ERRORS,
  ...(facts.alarms.objective === undefined ? {} : { objective: facts.alarms.objective }),
});

/**
 * From how many failures in 24 hours on, of all tools together and not by the caller's fault, they are worth a look and
 * somebody's time at once.
 */
export const ERRORS_24H = { warning: 100, critical: 500 } as const;
