import { MINUTE_MS } from '../../lambdas/contract/durations.ts';
import type { ToolsReport, TrendsReport } from '../../lambdas/contract/reports.ts';

const TOOLS = 200;
const STEPS = 36;
/** When the tools were called that are not called meanwhile. */
const BEFORE = Date.now();

const nameOf = (tool: number): string => `tool_number_${tool}`;
/** One of twenty tools fails now. */
const failsNow = (tool: number): boolean => tool % 20 === 0;

const describeTools = (now: number): ToolsReport => ({
  refreshed_at: new Date(now).toISOString(),
  age_seconds: 0,
  tools: Array.from({ length: TOOLS }, (_, tool) => ({
    tool_name: nameOf(tool),
    verdict: failsNow(tool) ? 'critical' : 'healthy',
    health_reason: failsNow(tool) ? '30 of 100 calls fail (30.0 %)' : 'no call of 100 fails',
    health_status: failsNow(tool) ? 'critical' : 'healthy',
    // One of ten tools is called from answer to answer.
    total_invocations: 100 + (tool % 10 === 0 ? now % 50 : 0),
    error_count: failsNow(tool) ? 30 : 0,
    error_rate_pct: failsNow(tool) ? 30 : 0,
    caller_error_count: 0,
    timeout_count: 0,
    most_common_error: failsNow(tool) ? 'UPSTREAM_ERROR' : null,
    most_common_fault: failsNow(tool) ? 'dependency' : null,
    p50_ms: 80,
    p95_ms: 190,
    p95_all_ms: 240,
    last_invoked_at: new Date(tool % 10 === 0 ? now : BEFORE - tool * 1_000).toISOString(),
    recent_calls: 20,
    recent_failures: failsNow(tool) ? 6 : 0,
  })),
});

const describeTrends = (now: number): TrendsReport => ({
  refreshed_at: new Date(now).toISOString(),
  age_seconds: 0,
  trends: Array.from({ length: TOOLS }, (_, tool) => ({
    tool_name: nameOf(tool),
    points: Array.from({ length: STEPS }, (__, step) => ({
      at: new Date(Math.floor(now / (5 * MINUTE_MS)) * 5 * MINUTE_MS - step * 5 * MINUTE_MS).toISOString(),
      minutes: 5,
      calls: 10 + ((tool + step) % 7),
      failures: failsNow(tool) ? 3 : 0,
      caller_errors: step % 5 === 0 ? 1 : 0,
      p95_all_ms: 200,
    })),
  })),
});

/** What the api answers about two hundred tools; undefined for what the first view can do without. */
export const answerOf = (path: string, now: number): object | undefined => {
  const answers: Readonly<Record<string, () => object>> = {
    '/v1/tools': () => describeTools(now),
    '/v1/trends': () => describeTrends(now),
    '/v1/alarms': () => ({ alarms: [], total: 0, next: null }),
    '/v1/incidents': () => ({ incidents: [], open: 0, next: null }),
  };
  return Object.hasOwn(answers, path) ? answers[path]?.() : undefined;
};
