import { MIN_CALLS, MIN_ERRORS, type ToolFacts } from '../lambdas/contract/tool-facts.ts';
import type { ListedTool } from './listed-tool.ts';

/** When a tool is in trouble: what its alarms and the health view both go by. */
export interface Thresholds {
  name: string;
  p95_ms: number;
  /** 0 to 1. */
  error_rate: number;
  min_calls: number;
  min_errors: number;
}

export const thresholdOf = ({ name, alarms }: ToolFacts): Thresholds => ({
  name,
  p95_ms: alarms.p95Ms,
  error_rate: alarms.errorRate,
  min_calls: alarms.minCalls ?? MIN_CALLS,
  min_errors: alarms.minErrors ?? MIN_ERRORS,
});

export const thresholdsOf = (tools: readonly ListedTool[]): Thresholds[] =>
  tools.map(({ facts }) => thresholdOf(facts));
