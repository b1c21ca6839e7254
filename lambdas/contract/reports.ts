import * as z from 'zod';
import { HEALTH, HEALTH_WORDS } from './health/status.ts';
import { ERROR_CODES, FAULTS } from './vocabulary.ts';

/** The api function's answers, which the page, the telemetry tools and scripts read. Times are ISO 8601 in UTC. */

/** The three words of `health_status`, which has fixed limits and no minimum of calls. */
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
  health_reason: z
    .string()
    .describe('The verdict in words: "12 of 80 calls fail (15.0 %), mostly UPSTREAM_ERROR, the dependency\'s fault".'),
  health_status: z
    .enum(HEALTH_STATUSES)
    .describe(
      'Without the calls that failed by the caller’s fault, more than 10 % of failures are `critical`; more than 5 %, ' +
        'or a `p95_ms` above 10,000, are a `warning`.',
    ),
  total_invocations: count,
  error_count: count.describe("Failures by whoever's fault."),
  error_rate_pct: z.number().describe('Percent of all calls.'),
  caller_error_count: count,
  timeout_count: count,
  most_common_error: z.enum(ERROR_CODES).nullable(),
  most_common_fault: z.enum(FAULTS).nullable(),
  p50_ms: ms.nullable().describe('Successful calls only.'),
  p95_ms: ms.nullable(),
  p95_all_ms: ms.nullable().describe('All calls, so that timeouts are included.'),
  last_invoked_at: z.iso.datetime().nullable(),
  recent_calls: count.describe("In the last quarter of an hour: shows whether today's failures are still happening."),
  recent_failures: count.describe("Failures among them that are not the caller's fault."),
});
export type ToolHealth = z.infer<typeof toolHealth>;

/** How old an answer's figures are. */
export const freshness = {
  refreshed_at: z.iso
    .datetime()
    .nullable()
    .describe('When the views were last refreshed; null before the first refresh.'),
  age_seconds: z.number().nullable().describe('Seconds since then.'),
};

/** GET /v1/tools */
export const toolsReport = z.object({ ...freshness, tools: z.array(toolHealth) });
export type ToolsReport = z.infer<typeof toolsReport>;

/** GET /v1/tools/{name} */
export const toolReport = z.object({ ...freshness, tool: toolHealth });

export const failure = z.object({
  event_id: z.uuid(),
  started_at: z.iso.datetime(),
  tool_name: z.string(),
  duration_ms: ms,
  error_code: z.enum(ERROR_CODES),
  error_type: z.string().nullable(),
  error_message: z
    .string()
    .nullable()
    .describe('Null for a tenant where the fault is ours or the platform’s: only the operator reads those words.'),
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

const callCount = z.object({
  quarter: z.iso.datetime().describe('Start of the quarter of an hour.'),
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
  indexes: z
    .array(z.object({ name: z.string(), valid: z.boolean() }))
    .describe("Indexes of every table; a partitioned table's once per partition."),
  days_ahead: z.int().describe('Number of coming days that already have a partition.'),
  undated_bytes: count.describe("Bytes of calls that fit no day's partition."),
  waiting_batches: count.describe('Batches that are not yet rolled up.'),
  certificate_until: z.iso.datetime().nullable().describe("When the database's certificate expires; null without TLS."),
});
export type StoreReport = z.infer<typeof storeReport>;

const trendPoint = z.object({
  at: z.iso.datetime().describe('Start of the step.'),
  minutes: z
    .literal([5, 60])
    .describe('The length of the step: 5, or 60 in a week and more, and for one of several tenants.'),
  calls: count,
  failures: count.describe("Failures that are not the caller's fault."),
  caller_errors: count,
  p95_all_ms: ms.nullable().describe('All calls, so that timeouts are included.'),
});
export type TrendPoint = z.infer<typeof trendPoint>;

const wholeTrendPoint = z.object({
  ...trendPoint.shape,
  cold_starts: count,
  p50_ms: ms.nullable().describe('Successful calls only.'),
  p95_ms: ms.nullable(),
  p99_ms: ms.nullable(),
});

/** GET /v1/tools/{name}/trend: steps without calls are omitted. */
export const trendReport = z.object({
  ...freshness,
  tool_name: z.string(),
  hours: z.int(),
  points: z.array(wholeTrendPoint).describe('Oldest first. Steps without calls are omitted.'),
});
export type TrendReport = z.infer<typeof trendReport>;

/** GET /v1/trends: the last three hours of every tool that was called, in the same steps. */
export const trendsReport = z.object({
  ...freshness,
  trends: z.array(z.object({ tool_name: z.string(), points: z.array(trendPoint) })),
});
export type TrendsReport = z.infer<typeof trendsReport>;

export const deploymentNote = z.object({
  version: z.string(),
  environment: z.string(),
  started_at: z.iso.datetime(),
  migrations: z.array(z.string()).describe('The migrations that it applied.'),
});
export type DeploymentNote = z.infer<typeof deploymentNote>;

export const toolSinceDeployment = z.object({
  tool_name: z.string(),
  deployed_at: z.iso.datetime(),
  calls: count.describe('Since the newest deployment; failures exclude caller faults.'),
  failures: count,
  failure_rate_pct: z.number().nullable().describe('Null without calls.'),
  calls_before: count.describe('In the 24 hours before that deployment.'),
  failures_before: count,
  failure_rate_pct_before: z.number().nullable(),
});
export type ToolSinceDeployment = z.infer<typeof toolSinceDeployment>;

/** GET /v1/deployments?limit=20 (at most 100), newest first, with each tool's failures before and since the newest. */
export const deploymentsReport = z.object({
  ...freshness,
  deployments: z.array(deploymentNote),
  tools: z.array(toolSinceDeployment),
});
export type DeploymentsReport = z.infer<typeof deploymentsReport>;

const healthWord = z.enum(HEALTH_WORDS);

const component = z.object({
  name: z.string(),
  type: z.string().describe('`database`, `provider`, `http`, `queue`, `credential`, `probe` or another kind.'),
  status: z.enum(HEALTH).describe('`unknown` when the check cannot tell; never `ok` for want of a result.'),
  critical: z
    .boolean()
    .describe('An unhealthy critical component makes the service unhealthy, any other only degraded.'),
  message: z.string(),
  since: z.iso.datetime().nullable().describe('Since when it is not `ok`, where that is known.'),
  response_time_ms: ms,
});
export type HealthComponent = z.infer<typeof component>;

/** GET /health; 503 when unhealthy. Contains no tenant's data. */
export const healthReport = z.object({
  status: z.enum(HEALTH).describe('What is true now. `unknown` when that of a critical component is.'),
  timestamp: z.iso.datetime(),
  service: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.enum(HEALTH)).describe("By the dependency's name."),
  components: z.array(component),
  overall_status: healthWord.describe('`status`, with the word `healthy` for `ok`.'),
  healthy_domains: count.describe('How many of the outside services are healthy.'),
  total_domains: count.describe('How many outside services are checked: the health checks that have a domain.'),
  health_checks: z
    .array(
      z.object({
        component: z.string(),
        domain: z.string().nullable().describe("An outside service's host, or its name; null for a part of our own."),
        status: healthWord,
        message: z.string(),
        response_time_ms: ms,
      }),
    )
    .describe('The components once more, with the word `healthy` for `ok`.'),
});
export type HealthReport = z.infer<typeof healthReport>;

/** GET /health/ready; 503 when unhealthy. */
export const readinessReport = z.object({ status: z.enum(HEALTH) });
export type ReadinessReport = z.infer<typeof readinessReport>;

/** GET /health/live */
export const livenessReport = z.object({ status: z.literal('ok') });
