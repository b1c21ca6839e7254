import { isStatus, toBoundedRoute, toMethod } from '../event/http-exchange.ts';
import { counter, recordMeasure } from '../series/own-metrics.ts';
import { type MeasuredDetails, record } from './record.ts';

/** Records the delivery of a webhook. `details` may say its `metadata` (`url`, `enabled`), tenant and HTTP status. */
export function trackWebhookDelivery(
  webhookId: string,
  status: 'sent' | 'failed',
  durationMs: number,
  error?: string,
  details: MeasuredDetails = {},
): void {
  record({
    ...details,
    kind: 'webhook',
    name: webhookId,
    success: status === 'sent',
    duration_ms: durationMs,
    ...(error !== undefined && { error_message: error }),
  });
}

/** What is known of a rule beside its run. */
export interface RuleDetails extends MeasuredDetails {
  /** How many members the rule's segment has. */
  segment_member_count?: number;
}

/** Records the run of a rule. `details` may say its `metadata` (`rule_name`, `rule_type`, `enabled`) and tenant. */
export function trackRuleExecution(
  ruleId: string,
  status: 'success' | 'failed',
  durationMs: number,
  affectedContacts = 0,
  error?: string,
  { segment_member_count, ...details }: RuleDetails = {},
): void {
  record({
    ...details,
    kind: 'rule',
    name: ruleId,
    success: status === 'success',
    duration_ms: durationMs,
    measures: {
      ...details.measures,
      affected_contacts: affectedContacts,
      ...(segment_member_count !== undefined && { segment_member_count }),
    },
    ...(error !== undefined && { error_message: error }),
  });
}

/** A request that somebody else measured. */
export interface TrackedRequest extends Omit<MeasuredDetails, 'http'> {
  method: string;
  /** The route's pattern, such as `/users/{id}`. */
  path: string;
  status: number;
  duration_ms: number;
  /** The client's address; leave it out unless you may record it. */
  ip?: string;
}

/** Records a request that our own handler answered: a 4xx is its caller's fault. */
export function trackAPIRequest({ method, path, status, ip, ...details }: TrackedRequest): void {
  const route = toBoundedRoute(path);
  record({
    ...details,
    kind: 'http',
    name: `${toMethod(method)} ${route}`,
    success: isStatus(status) && status < 400,
    http: { method, route, status, ...(ip !== undefined && { ip }) },
  });
}

/** The same, with the duration in seconds. */
export function recordHttpRequest(
  method: string,
  path: string,
  status: number,
  seconds: number,
  details: Omit<MeasuredDetails, 'http'> = {},
): void {
  trackAPIRequest({ ...details, method, path, status, duration_ms: seconds * 1_000 });
}

/** Counts whether something was found in a cache. */
export function recordCache(hit: boolean, cache = 'default'): void {
  counter(hit ? 'cache_hits_total' : 'cache_misses_total', { cache }).add();
}

/** Adds to a business figure: of the running call, else of the process. */
export function recordKpi(name: string, value: number, unit?: string): void {
  recordMeasure(name, value, unit);
}
