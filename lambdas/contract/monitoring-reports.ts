import * as z from 'zod';
import { freshness } from './reports.ts';
import { SEVERITIES } from './severity.ts';
import { ERRORS_24H } from './thresholds.ts';

/** The api function's answers about what is not a tool: webhooks, rules, rate limits, and what needs attention now. */

const count = z.int().min(0);
const ms = z.number().min(0);
const tenant_id = z.string().describe('Whose it is: for the operator, who reads all tenants.');
const percent = z.number().nullable();

const webhook = z.object({
  tenant_id,
  webhook_id: z.string(),
  url: z.string().describe('The id where no url was recorded.'),
  enabled: z.boolean(),
  health_status: z.enum(['healthy', 'warning', 'critical', 'disabled', 'inactive']),
  total_deliveries: count.describe('Over all hours retained.'),
  successful_deliveries: count,
  failed_deliveries: count,
  success_rate: percent.describe('Percent of all deliveries.'),
  avg_duration_ms: ms,
  p95_duration_ms: ms,
  max_duration_ms: ms,
  deliveries_24h: count,
  failures_24h: count,
  deliveries_7d: count,
  failures_7d: count,
  consecutive_failures: count.describe('Since the last delivery that succeeded.'),
  days_since_last_success: z.number().nullable(),
  failure_rate_24h_pct: percent.describe('Null without deliveries.'),
  last_success_at: z.iso.datetime().nullable(),
  last_failure_at: z.iso.datetime().nullable(),
  last_delivery_at: z.iso.datetime(),
});
export type Webhook = z.infer<typeof webhook>;

const webhookSummary = z.object({
  total_webhooks: count,
  enabled_webhooks: count,
  total_deliveries: count,
  successful_deliveries: count,
  failed_deliveries: count,
  avg_success_rate: percent.describe('Percent of all deliveries; null without any.'),
  webhooks_with_failures: count.describe('Whose last delivery failed.'),
  critical_webhooks: count.describe('With ten or more failures in a row.'),
});
export type WebhookSummary = z.infer<typeof webhookSummary>;

const webhooks = { summary: webhookSummary, webhooks: z.array(webhook).describe('Most failures in a row first.') };

/** GET /v1/webhooks */
export const webhooksReport = z.object({ ...freshness, ...webhooks });
export type WebhooksReport = z.infer<typeof webhooksReport>;

/** GET /v1/webhooks/{id} */
export const webhookReport = z.object({ ...freshness, webhook });

const rule = z.object({
  tenant_id,
  rule_id: z.string(),
  rule_name: z.string().describe('The id where no name was recorded.'),
  rule_type: z.string().nullable(),
  enabled: z.boolean(),
  trigger_count: count.describe('Over all hours retained.'),
  success_count: count,
  failure_count: count,
  success_rate: percent.describe('Percent of all runs.'),
  avg_duration_ms: ms,
  executions_24h: count,
  failures_24h: count,
  executions_7d: count,
  failures_7d: count,
  affected_contacts: z.number().describe('The sum of the measure `affected_contacts`.'),
  segment_member_count: z.number().nullable().describe('The measure of the last run.'),
  last_triggered_at: z.iso.datetime(),
});
export type Rule = z.infer<typeof rule>;

const ruleSummary = z.object({
  total_rules: count,
  enabled_rules: count,
  total_triggers: count,
  triggers_24h: count,
  triggers_7d: count,
  rules_by_type: z.record(z.string(), count).describe('Without the rules whose type was not recorded.'),
});
export type RuleSummary = z.infer<typeof ruleSummary>;

const rules = { summary: ruleSummary, rules: z.array(rule).describe('Most runs first.') };

/** GET /v1/rules */
export const rulesReport = z.object({ ...freshness, ...rules });
export type RulesReport = z.infer<typeof rulesReport>;

const RATE_LIMIT_STATUSES = ['normal', 'warning', 'throttled'] as const;

const rateLimit = z.object({
  tenant_id,
  key_type: z.string().describe('`api_key`, `org`, `ip` or another kind of key.'),
  identifier: z.string(),
  request_count: z.number(),
  limit_max: z.number(),
  utilization_pct: z.number(),
  status: z.enum(RATE_LIMIT_STATUSES).describe('`warning` above 90 %.'),
  seconds_until_reset: count.nullable(),
  seen_at: z.iso.datetime().describe('When a call last reported it.'),
});
export type RateLimit = z.infer<typeof rateLimit>;

const rateLimitSummary = z.object({ total: count, normal: count, warning: count, throttled: count });
export type RateLimitSummary = z.infer<typeof rateLimitSummary>;

const rateLimits = { summary: rateLimitSummary, rate_limits: z.array(rateLimit).describe('The most used first.') };

/** GET /v1/rate-limits */
export const rateLimitsReport = z.object({ ...freshness, ...rateLimits });
export type RateLimitsReport = z.infer<typeof rateLimitsReport>;

const alert = z.object({
  tenant_id,
  type: z.string().describe('`webhook_failure`, `webhook_inactive`, `rate_limit`, …'),
  severity: z.enum(SEVERITIES),
  resource_id: z.string(),
  resource_name: z.string(),
  message: z.string(),
});

const alerts = {
  total: count,
  critical: count,
  warning: count,
  alerts: z.array(alert).describe('The critical ones first.'),
};
const alertList = z.object(alerts);
export type AlertList = z.infer<typeof alertList>;

/** GET /v1/alerts */
export const alertsReport = z.object({ ...freshness, ...alerts });
export type AlertsReport = z.infer<typeof alertsReport>;

/** GET /v1/errors */
export const errorsReport = z.object({
  ...freshness,
  total_invocations: count.describe('Calls of tools in the last 24 hours.'),
  error_count: count.describe("Those that failed, by whoever's fault."),
  caller_error_count: count.describe('Failures among them by the fault of callers.'),
  severity: z
    .enum(['none', ...SEVERITIES])
    .describe('Which limit `error_count` without `caller_error_count` is above.'),
  warning_above: z.literal(ERRORS_24H.warning),
  critical_above: z.literal(ERRORS_24H.critical),
});
export type ErrorsReport = z.infer<typeof errorsReport>;

/** GET /v1/monitoring/metrics */
export const monitoringReport = z.object({
  org_id: z.string().describe('The tenant; `*` for the operator, who reads all.'),
  timestamp: z.iso.datetime(),
  webhooks: z.object(webhooks).optional().describe('Each part only if `type` asks for it.'),
  rules: z.object(rules).optional(),
  rate_limits: z.object(rateLimits).optional(),
  alerts: alertList.optional(),
});
export type MonitoringReport = z.infer<typeof monitoringReport>;
