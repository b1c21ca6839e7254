import * as z from 'zod';
import { ERROR_CODES, FAULTS, KINDS } from './invocation.ts';

/** What the api function answers; the page, the telemetry tools and scripts read it. Times are ISO 8601 in UTC. */

/** The seeds' three; by all failures, whoever is to blame. */
export const HEALTH_STATUSES = ['healthy', 'warning', 'critical'] as const;
/** By what is not the caller's fault, against the tool's own thresholds, and honest about too little data: what the alarms go by. */
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
  /** Over successes only, as the seeds promise. */
  p50_ms: ms.nullable(),
  p95_ms: ms.nullable(),
  /** Over all calls, so that timeouts do not vanish. */
  p95_all_ms: ms.nullable(),
  last_invoked_at: z.iso.datetime().nullable(),
  /** In the last quarter of an hour: whether what went wrong today goes on now. */
  recent_calls: count,
  /** Of those, failures that are not the caller's fault. */
  recent_failures: count,
});
export type ToolHealth = z.infer<typeof toolHealth>;

const freshness = {
  /** When the views were last refreshed; null before the first time. */
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

/** GET /v1/failures?tool=&fault=&minutes=60&limit=20 (limit at most 100); the newest first. Reads calls themselves, so it is as fresh as ingest. */
export const failuresReport = z.object({ failures: z.array(failure) });
export type FailuresReport = z.infer<typeof failuresReport>;

export const call = z.object({
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

/** GET /v1/calls?correlation_id=&minutes=60: all that one id threads together, in the order in which it began; at most 100. As fresh as ingest. */
export const callsReport = z.object({ calls: z.array(call) });
export type CallsReport = z.infer<typeof callsReport>;

export const callCount = z.object({
  /** The beginning of the quarter of an hour. */
  quarter: z.iso.datetime(),
  name: z.string(),
  calls: count,
});
export type CallCount = z.infer<typeof callCount>;

/** GET /v1/counts?from=&quarters=4 (at most 96): calls of tools stored, by tool and quarter of an hour. As fresh as ingest. */
export const countsReport = z.object({ counts: z.array(callCount) });
export type CountsReport = z.infer<typeof countsReport>;

/** GET /v1/store: what can be wrong with the store itself. */
export const storeReport = z.object({
  ...freshness,
  /** Of every table, partitioned ones once for each partition. */
  indexes: z.array(z.object({ name: z.string(), valid: z.boolean() })),
  /** For how many coming days there are partitions. */
  days_ahead: z.int(),
  /** Bytes of calls that no day's partition would take. */
  undated_bytes: count,
  /** Batches that wait for roll-up. */
  waiting_batches: count,
  /** Until when the database's certificate is valid; null without TLS. */
  certificate_until: z.iso.datetime().nullable(),
});
export type StoreReport = z.infer<typeof storeReport>;

export const trendPoint = z.object({
  /** The beginning of five minutes. */
  at: z.iso.datetime(),
  calls: count,
  /** Failures that are not the caller's fault. */
  failures: count,
  caller_errors: count,
  /** Over all calls. */
  p95_ms: ms.nullable(),
});
export type TrendPoint = z.infer<typeof trendPoint>;

/** GET /v1/tools/{name}/trend: the last 24 hours in steps of five minutes, oldest first; a step without calls is left out. */
export const trendReport = z.object({ ...freshness, tool_name: z.string(), points: z.array(trendPoint) });
export type TrendReport = z.infer<typeof trendReport>;

/** GET /v1/trends: the last three hours of every tool that was called, in the same steps. */
export const trendsReport = z.object({
  ...freshness,
  trends: z.array(z.object({ tool_name: z.string(), points: z.array(trendPoint) })),
});
export type TrendsReport = z.infer<typeof trendsReport>;

export const deployment = z.object({
  version: z.string(),
  environment: z.string(),
  started_at: z.iso.datetime(),
  /** Those it applied. */
  migrations: z.array(z.string()),
});
export type DeploymentNote = z.infer<typeof deployment>;

export const toolSinceDeployment = z.object({
  tool_name: z.string(),
  deployed_at: z.iso.datetime(),
  /** Since the newest deployment; failures that are not the caller's fault. */
  calls: count,
  failures: count,
  /** Null without calls. */
  failure_rate_pct: z.number().nullable(),
  /** In the 24 hours before it. */
  calls_before: count,
  failures_before: count,
  failure_rate_pct_before: z.number().nullable(),
});
export type ToolSinceDeployment = z.infer<typeof toolSinceDeployment>;

/** GET /v1/deployments?limit=20 (at most 100): the newest first, and how tools fare since the newest beside before. */
export const deploymentsReport = z.object({
  ...freshness,
  deployments: z.array(deployment),
  tools: z.array(toolSinceDeployment),
});
export type DeploymentsReport = z.infer<typeof deploymentsReport>;

export const HEALTH = ['ok', 'degraded', 'unhealthy'] as const;
export type Health = (typeof HEALTH)[number];

/** GET /health; 503 when unhealthy. Says nothing of any tenant. */
export const healthReport = z.object({
  status: z.enum(HEALTH),
  timestamp: z.iso.datetime(),
  service: z.string(),
  version: z.string(),
  /** By name of what it depends on. */
  dependencies: z.record(z.string(), z.enum(HEALTH)),
  components: z.array(
    z.object({
      name: z.string(),
      status: z.enum(HEALTH),
      /** An unhealthy critical component makes the whole unhealthy; any other only degraded. */
      critical: z.boolean(),
      message: z.string(),
      response_time_ms: ms,
    }),
  ),
});
export type HealthReport = z.infer<typeof healthReport>;
