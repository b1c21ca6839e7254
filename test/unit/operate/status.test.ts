import { expect, test } from 'vitest';
import type { AlarmReport } from '../../../lambdas/contract/alarms/alarms-report.ts';
import type { ToolHealth } from '../../../lambdas/contract/reports.ts';
import { decideStatus, listStatus, type StatusParts } from '../../../operate/status/status.ts';

const NOW = Date.UTC(2026, 10, 30, 3);
const iso = (ms: number) => new Date(ms).toISOString();
const anAlarm = (name: string, rest: Partial<AlarmReport> = {}): AlarmReport => ({
  ...{ name, cloudwatch_name: name, state: 'firing', since: iso(NOW - 600_000), reason: 'x', severity: 'critical' },
  ...{ owner: 'shop', tool: null, provider: null, means: 'It fails.', firing_means: 'something_is_wrong' },
  runbook: { heading: name, url: null, advice: 'Go back.' },
  ...{ logs_url: null, actions: 'on', muted: null, contributors: [] },
  ...rest,
});
const aTool = (rest: Partial<ToolHealth>): ToolHealth => ({
  ...{
    tool_name: 'order_status',
    verdict: 'critical',
    health_reason: '12 of 80 calls fail',
    health_status: 'critical',
  },
  ...{ total_invocations: 80, error_count: 12, error_rate_pct: 15, caller_error_count: 0, timeout_count: 0 },
  ...{ most_common_error: 'TIMEOUT', most_common_fault: 'dependency', p50_ms: 1, p95_ms: 2, p95_all_ms: 3 },
  ...{ last_invoked_at: iso(NOW), recent_calls: 10, recent_failures: 5 },
  ...rest,
});
const well: StatusParts = {
  alarms: { value: { alarms: [], total: 0 } },
  tools: { value: { refreshed_at: iso(NOW - 60_000), age_seconds: 60, tools: [] } },
  incidents: { value: { incidents: [], open: 0 } },
};
const withTools = (tools: ToolHealth[], age_seconds: number | null = 60): StatusParts => ({
  ...well,
  tools: { value: { refreshed_at: age_seconds === null ? null : iso(NOW - age_seconds * 1_000), age_seconds, tools } },
});
const stateOf = (parts: StatusParts) => decideStatus(parts).state;

test('nothing is broken while no alarm of trouble fires, no incident is open and no tool fails now', () => {
  expect(stateOf(well)).toBe('ok');
  const quiet = (['drill', 'all_is_well', 'part_of_another'] as const).map((firing_means) =>
    anAlarm('a/b', { firing_means }),
  );
  expect(stateOf({ ...well, alarms: { value: { alarms: quiet, total: 3 } } })).toBe('ok');
  expect(stateOf(withTools([aTool({ recent_failures: 0 }), aTool({ verdict: 'healthy' })]))).toBe('ok');
});

test('an alarm, an incident, a tool that fails now and old figures are each something that is broken', () => {
  const alarms = { value: { alarms: [anAlarm('tool/a/slow')], total: 1 } };
  expect(stateOf({ ...well, alarms })).toBe('broken');
  expect(stateOf(withTools([aTool({})]))).toBe('broken');
  expect(stateOf(withTools([], 901))).toBe('broken');
  expect(stateOf(withTools([], null))).toBe('broken');
  const open = { incident_id: 'i-1', severity: 'critical', began_at: iso(NOW), title: 'It fails' } as never;
  expect(stateOf({ ...well, incidents: { value: { incidents: [open], open: 1 } } })).toBe('broken');
});

test('what cannot be read is unknown, unless something else is known to be broken', () => {
  const why = { why: 'no answer' };
  for (const part of ['alarms', 'tools', 'incidents'] as const)
    expect(stateOf({ ...well, [part]: why })).toBe('unknown');
  expect(stateOf({ ...withTools([aTool({})]), alarms: why })).toBe('broken');
  const { remarks } = listStatus(decideStatus({ ...well, alarms: why }), NOW);
  expect(remarks).toContain('The alarms cannot be read: no answer');
  expect(remarks).not.toContain('Nothing is broken.');
});

test('what is muted is still broken, and says so; of very much the first are named', () => {
  const muted = { id: '1', reason: 'x', actor: null, ends_at: null };
  const alarms = Array.from({ length: 30 }, (_, at) => anAlarm(`tool/t${at}/slow`, { muted }));
  const { broken, remarks } = listStatus(decideStatus({ ...well, alarms: { value: { alarms, total: 30 } } }), NOW);
  expect(broken).toHaveLength(21);
  expect(broken[1]?.slice(2)).toEqual(['tool/t0/slow', '10 min', '(muted) Go back.']);
  expect(remarks[0]).toContain('and 10 more');
});
