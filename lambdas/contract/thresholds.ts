import * as z from 'zod';
import { ERROR_RATE, MIN_CALLS, MIN_ERRORS, P95_MS, type ToolFacts } from './tool-facts.ts';

/** A row of `analytics.tool_thresholds`: the limits that the health view and the alarms apply to one tool. */
export const toolThresholds = z.object({
  name: z.string().min(1),
  p95_ms: z.number().positive(),
  /** 0 to 1. */
  error_rate: z.number().min(0).max(1),
  min_calls: z.int().min(0),
  min_errors: z.int().min(0),
});
export type ToolThresholds = z.infer<typeof toolThresholds>;

/** The thresholds in a tool's facts, with defaults filled in. */
export const thresholdsOf = ({ name, alarms }: Pick<ToolFacts, 'name' | 'alarms'>): ToolThresholds => ({
  name,
  p95_ms: alarms.p95Ms ?? P95_MS,
  error_rate: alarms.errorRate ?? ERROR_RATE,
  min_calls: alarms.minCalls ?? MIN_CALLS,
  min_errors: alarms.minErrors ?? MIN_ERRORS,
});

/**
 * From how many failures in 24 hours on, of all tools together and not by the caller's fault, they are worth a look and
 * somebody's time at once.
 */
export const ERRORS_24H = { warning: 100, critical: 500 } as const;
