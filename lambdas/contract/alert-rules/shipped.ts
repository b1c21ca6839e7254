import { ERRORS_24H } from '../thresholds.ts';
import type { AlertRuleInput } from './rule.ts';

/** A rule that every deployment has until somebody changes it or switches it off. */
export interface ShippedRule {
  readonly name: string;
  /** What `v_alert_conditions` calls what it finds. */
  readonly condition: string;
  readonly rule: AlertRuleInput;
}

const DAY_MINUTES = 1_440;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const EACH_OF_TENANTS: AlertRuleInput['each'] = ['tenant', 'name'];

const failingWebhook = (threshold: number, severity: 'warning' | 'critical'): AlertRuleInput => ({
  description: `A webhook has failed ${threshold} times in a row.`,
  ...{ figure: 'consecutive_failures', comparison: 'at_least', threshold, severity },
  ...{ scope: { kind: 'webhook' }, each: EACH_OF_TENANTS },
});

const errorsOfADay = (threshold: number, severity: 'warning' | 'critical'): AlertRuleInput => ({
  description: `More than ${threshold} calls of tools failed within a day.`,
  ...{ figure: 'errors', comparison: 'above', threshold, severity, window_minutes: DAY_MINUTES },
});

/** In the order in which they are listed. Every one is past its bake period. */
export const SHIPPED_RULES: readonly ShippedRule[] = [
  { name: 'webhook_failure', condition: 'webhook_failure', rule: failingWebhook(5, 'warning') },
  { name: 'webhook_failure_critical', condition: 'webhook_failure', rule: failingWebhook(10, 'critical') },
  {
    name: 'webhook_inactive',
    condition: 'webhook_inactive',
    rule: {
      description: 'A webhook had no delivery for a week.',
      ...{ figure: 'minutes_since_call', comparison: 'above', threshold: WEEK_MINUTES },
      ...{ scope: { kind: 'webhook' }, each: EACH_OF_TENANTS },
    },
  },
  {
    name: 'rule_not_triggering',
    condition: 'rule_not_triggering',
    rule: {
      description: 'A rule of the product, which ran before, was not triggered for a week.',
      ...{ figure: 'minutes_since_call', comparison: 'above', threshold: WEEK_MINUTES },
      ...{ scope: { kind: 'rule' }, each: EACH_OF_TENANTS },
    },
  },
  {
    name: 'rate_limit',
    condition: 'rate_limit',
    rule: {
      description: 'More than 90 % of a rate limit is used.',
      ...{ figure: 'rate_limit_used_pct', comparison: 'above', threshold: 90, each: EACH_OF_TENANTS },
    },
  },
  {
    name: 'rate_limit_reached',
    condition: 'rate_limit',
    rule: {
      description: 'A rate limit is used up: further calls are refused.',
      ...{ figure: 'rate_limit_used_pct', comparison: 'at_least', threshold: 100, severity: 'critical' },
      each: EACH_OF_TENANTS,
    },
  },
  {
    name: 'api_error_rate',
    condition: 'api_error_rate',
    rule: {
      description: 'Most HTTP requests of a tenant failed for an hour, and not by the fault of callers.',
      ...{ figure: 'error_rate_pct', comparison: 'above', threshold: 50, severity: 'critical' },
      ...{ scope: { kind: 'http' }, each: ['tenant'], min_calls: 10, window_minutes: 60 },
    },
  },
  {
    name: 'slow_query',
    condition: 'slow_query',
    rule: {
      description: 'A query took longer than five seconds.',
      ...{ figure: 'max_ms', comparison: 'above', threshold: 5_000, severity: 'critical' },
      ...{ scope: { kind: 'query' }, each: EACH_OF_TENANTS, window_minutes: 60 },
    },
  },
  {
    name: 'sync_failure',
    condition: 'sync_failure',
    rule: {
      description: 'A synchronisation has failed three times in a row.',
      ...{ figure: 'consecutive_failures', comparison: 'at_least', threshold: 3 },
      ...{ scope: { kind: 'sync' }, each: EACH_OF_TENANTS },
    },
  },
  { name: 'errors_of_a_day', condition: 'errors_of_a_day', rule: errorsOfADay(ERRORS_24H.warning, 'warning') },
  {
    name: 'errors_of_a_day_critical',
    condition: 'errors_of_a_day',
    rule: errorsOfADay(ERRORS_24H.critical, 'critical'),
  },
];
