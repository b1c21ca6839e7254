import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { causeOf } from '../../../../lambdas/contract/alarms/alarm-name.ts';
import type { CallFacts, CauseHistory, IncidentFacts, RuleFacts } from '../../../../lambdas/contract/incident-facts.ts';
import type { OutboxMessage } from '../../../../lambdas/notify/outbox/outbox.ts';
import type { WordsContext } from '../../../../lambdas/notify/words/context.ts';
import { readRunbookAdvice } from '../../../../lib/alarms/runbook-advice.ts';
import { root } from '../../../support/source-files.ts';

export const SINCE = Date.UTC(2026, 10, 20, 10, 7, 3, 120);
export const NOW = SINCE + 60_000;

export const CONTEXT: WordsContext = {
  place: { deployment: 'toolwatch', account: '123456789012', region: 'eu-central-1' },
  links: {
    cloudWatch: 'https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#',
    stacks: 'https://eu-central-1.console.aws.amazon.com/cloudformation/home?region=eu-central-1#/stacks',
    callLog: '/toolwatch/calls',
    dashboard:
      'https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/toolwatch',
    runbook: 'https://wiki.example.com/runbook',
  },
  advice: readRunbookAdvice(readFileSync(join(root, 'docs/runbook.md'), 'utf8')),
  topology: {
    windowMs: 300_000,
    tools: { place_order: { provider: 'shop' }, order_status: { provider: 'shop' }, csv_profile: {} },
  },
};

/** A message about an incident of which the alarm is the first. */
export const aMessage = (alarm: string, more: Partial<OutboxMessage['message']> = {}): OutboxMessage => ({
  id: '0d5d3c0a-7c8e-4d8e-9a51-5a2c3b9f4e11',
  writtenAt: NOW,
  claimedUntil: 0,
  deliveries: [],
  message: {
    kind: 'opened',
    incident: `${causeOf(alarm)}@2026-11-20T10:07:03.120Z`,
    cause: causeOf(alarm),
    severity: 'critical',
    alarm,
    members: [alarm],
    since: SINCE,
    at: NOW,
    ...more,
  },
});

/** How CloudWatch notifies of an alarm with this description and reason. */
export const aLeading = (alarm: string, means: string, more: object = {}) => ({
  alarm,
  notification: JSON.stringify({
    AlarmName: alarm,
    AlarmDescription: `${means}\nSeverity: critical. Owner: shop-team.\nRunbook: docs/runbook.md#x`,
    NewStateValue: 'ALARM',
    NewStateReason:
      'Threshold Crossed: 2 out of the last 4 datapoints [0.34 (20/11/26 10:02:00), 0.41 (20/11/26 09:57:00)] were ' +
      'greater than the threshold (0.1) (minimum 2 datapoints for OK -> ALARM transition).',
    ...more,
  }),
});

export const HISTORY: CauseHistory = {
  seen_before: 2,
  last_began_at: '2026-11-12T09:00:00.000Z',
  last_state: 'over',
  last_duration_seconds: 29 * 60,
  last_version_at_end: null,
  deployed_version: '2f1c',
  deployed_at: '2026-11-20T09:58:00.000Z',
};

export const CALLS: CallFacts = {
  began_at: '2026-11-20T10:02:00.000Z',
  calls: 120,
  bad_calls: 41,
  peak_pct: 61.2,
  last_bad_at: '2026-11-20T10:07:40.000Z',
  as_of: null,
  users: 41,
  tenants: 3,
  tenant: null,
  is_sample: false,
  faults: [
    { fault: 'dependency', calls: 39 },
    { fault: 'ours', calls: 2 },
  ],
  codes: [
    { error_code: 'TIMEOUT', calls: 38 },
    { error_code: 'UPSTREAM_ERROR', calls: 3 },
  ],
  provider: { provider: 'shop', calls: 39 },
  version: { version: '2f1c', calls: 41 },
  example: {
    name: 'place_order',
    calls: 38,
    error_code: 'TIMEOUT',
    error_type: 'TimeoutError',
    error_message: 'the shop did not answer within 5 s',
    correlation_id: '7f3k-41',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    duration_ms: 5_002,
  },
  p95_ms: null,
  last_call_at: null,
  calls_week_before: null,
};

export const someFacts = (
  calls: Partial<CallFacts> | null = {},
  history: Partial<CauseHistory> = {},
): IncidentFacts => ({
  calls: calls && { ...CALLS, ...calls },
  history: { ...HISTORY, ...history },
});

export const aRule: RuleFacts = {
  ...{ name: 'orders-fail', description: 'Orders fail too often.', figure: 'error_rate_pct', measure: null },
  ...{ comparison: 'above', threshold: 5, window_minutes: 60, channels: ['team-chat'], is_baked: true },
  ...{ value: 12.4567, calls: 321, held_for: 3, error: null },
  findings: [
    { tenant_id: 'acme', name: 'order_status', value: 12.4567 },
    { tenant_id: 'zenith', name: 'order_status', value: 6 },
  ],
};
