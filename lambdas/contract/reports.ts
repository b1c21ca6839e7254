import * as z from 'zod';
import { ERROR_CODES, FAULTS, KINDS } from './vocabulary.ts';

/** The api function's answers, which the page, the telemetry tools and scripts read. Times are ISO 8601 in UTC. */

/** The seed documents' three statuses, which count all failures regardless of fault. */
const HEALTH_STATUSES = ['healthy', 'warning', 'critical'] as const;
/**
 * Verdicts follow the same rules as the alarms: they ignore caller faults, use the tool's own thresholds and say when
 * there is too little data.
 */
export const VERDICTS = ['healthy', 'warning', 'critical', 'insufficient_data'] as const;

const count = z.int().min(0);
const ms = z.number().min(0);

export const toolHealth = z.object({
  tool_name: z.string(),
  verdict: z.enum(VERDICTS),
  /** The verdict in words: "12 of 80 calls fail (15.0 %), mostly UPSTREAM_ERROR, the dependency's fault". */
  health_reason: z.string(),
  health_status: z.enum(HEALTH_STATUSES),
  total_invocations: count,
  error_count: count,
  error_rate_pct: z.number(),
  caller_error_count: count,
  timeout_count: count,
  most_common_error: z.enum(ERROR_CODES).nullable(),
  most_common_fault: z.enum(FAULTS).nullable(),
  /** Successful calls only, as the seed documents promise. */
  p50_ms: ms.nullable(),
  p95_ms: ms.nullable(),
  /** All calls, so that timeouts are included. */
  p95_all_ms: ms.nullable(),
  last_invoked_at: z.iso.datetime().nullable(),
  /** In the last quarter of an hour: shows whether today's failures are still happening. */
  recent_calls: count,
  /** Failures among them that are not the caller's fault. */
  recent_failures: count,
});
export type ToolHealth = z.infer<typeof toolHealth>;

const freshness = {
  /** When the views were last refreshed; null before the first refresh. */
  refreshed_at: z.iso.datetime().nullable(),
  /** Seconds since then. */
  age_seconds: z.number().nullable(),
};

/** GET /v1/tools */
export const toolsReport = z.object({ ...freshness, tools: z.array(toolHealth) });
export type ToolsReport = z.infer<typeof toolsReport>;

export const failure = z.object({
  event_id: z.uuid(),
  started_at: z.iso.datetime(),
  tool_name: z.string(),
  duration_ms: ms,
  error_code: z.enum(ERROR_CODES),
  error_type: z.string().nullable(),
  error_message: z.string().nullable(),
  fault: z.enum(FAULTS),
  correlation_id: z.string(),
});
export type Failure = z.infer<typeof failure>;

/**
 * GET /v1/failures?tool=&fault=&minutes=60&limit=20 (limit at most 100), newest first. Reads the stored calls: as fresh
 * as ingest.
 */
export const failuresReport = z.object({ failures: z.array(failure) });
export type FailuresReport = z.infer<typeof failuresReport>;

const call = z.object({
  event_id: z.uuid(),
  started_at: z.iso.datetime(),
  kind: z.enum(KINDS),
  name: z.string(),
  version: z.string(),
  duration_ms: ms,
  success: z.boolean(),
  error_code: z.enum(ERROR_CODES).nullable(),
  client_name: z.string().nullable(),
});
export type Call = z.infer<typeof call>;

/**
 * GET /v1/calls?correlation_id=&minutes=60: all calls with one correlation id, earliest first, at most 100. As fresh as
 * ingest.
 */
export const callsReport = z.object({ calls: z.array(call) });
export type CallsReport = z.infer<typeof callsReport>;

const callCount = z.object({
  /** Start of the quarter of an hour. */
  quarter: z.iso.datetime(),
  name: z.string(),
  calls: count,
});
export type CallCount = z.infer<typeof callCount>;

/**
 * GET /v1/counts?from=&quarters=4 (at most 96): stored tool calls per tool and quarter of an hour. As fresh as ingest.
 */
export const countsReport = z.object({ counts: z.array(callCount) });
export type CountsReport = z.infer<typeof countsReport>;

/** GET /v1/store: the state of the store itself. */
export const storeReport = z.object({
  ...freshness,
  /** Indexes of every table; a partitioned table's once per partition. */
  indexes: z.array(z.object({ name: z.string(), valid: z.boolean() })),
  /** Number of coming days that already have a partition. */
  days_ahead: z.int(),
  /** Bytes of calls that fit no day's partition. */
  undated_bytes: count,
  /** Batches that are not yet rolled up. */
  waiting_batches: count,
  /** When the database's certificate expires; null without TLS. */
  certificate_until: z.iso.datetime().nullable(),
});
export type StoreReport = z.infer<typeof storeReport>;

const trendPoint = z.object({
  /** Start of the five minutes. */
  at: z.iso.datetime(),
  calls: count,
  /** Failures that are not the caller's fault. */
  failures: count,
  caller_errors: count,
  /** All calls. */
  p95_ms: ms.nullable(),
});
export type TrendPoint = z.infer<typeof trendPoint>;

/**
 * GET /v1/tools/{name}/trend: the last 24 hours in steps of five minutes, oldest first; steps without calls are
 * omitted.
 */
export const trendReport = z.object({ ...freshness, tool_name: z.string(), points: z.array(trendPoint) });
export type TrendReport = z.infer<typeof trendReport>;

/** GET /v1/trends: the last three hours of every tool that was called, in steps of five minutes. */
export const trendsReport = z.object({
  ...freshness,
  trends: z.array(z.object({ tool_name: z.string(), points: z.array(trendPoint) })),
});
export type TrendsReport = z.infer<typeof trendsReport>;

const deployment = z.object({
  version: z.string(),
  environment: z.string(),
  started_at: z.iso.datetime(),
  /** The migrations that it applied. */
  migrations: z.array(z.string()),
});
export type DeploymentNote = z.infer<typeof deployment>;

const toolSinceDeployment = z.object({
  tool_name: z.string(),
  deployed_at: z.iso.datetime(),
  /** Since the newest deployment; failures exclude caller faults. */
  calls: count,
  failures: count,
  /** Null without calls. */
  failure_rate_pct: z.number().nullable(),
  /** In the 24 hours before that deployment. */
  calls_before: count,
  failures_before: count,
  failure_rate_pct_before: z.number().nullable(),
});
export type ToolSinceDeployment = z.infer<typeof toolSinceDeployment>;

/** GET /v1/deployments?limit=20 (at most 100), newest first, with each tool's failures before and since the newest. */
export const deploymentsReport = z.object({
  ...freshness,
  deployments: z.array(deployment),
  tools: z.array(toolSinceDeployment),
});
export type DeploymentsReport = z.infer<typeof deploymentsReport>;

const HEALTH = ['ok', 'degraded', 'unhealthy'] as const;
export type Health = (typeof HEALTH)[number];

/** GET /health; 503 when unhealthy. Contains no tenant's data. */
export const healthReport = z.object({
  status: z.enum(HEALTH),
  timestamp: z.iso.datetime(),
  service: z.string(),
  version: z.string(),
  /** By the dependency's name. */
  dependencies: z.record(z.string(), z.enum(HEALTH)),
  components: z.array(
    z.object({
      name: z.string(),
      status: z.enum(HEALTH),
      /** An unhealthy critical component makes the service unhealthy, any other only degraded. */
      critical: z.boolean(),
      message: z.string(),
      response_time_ms: ms,
    }),
  ),
});
export type HealthReport = z.infer<typeof healthReport>;
