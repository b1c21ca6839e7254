import { expect, test } from 'vitest';
import type { AlarmReport } from '../../../lambdas/contract/alarms/alarms-report.ts';
import type { Incident } from '../../../lambdas/contract/api/incidents.ts';
import type { ToolHealth } from '../../../lambdas/contract/reports.ts';
import { describeNone } from '../../../operate/alarms/format-alarms.ts';
import { readPages } from '../../../operate/status/read-pages.ts';
import { decideStatus, listStatus, type StatusParts } from '../../../operate/status/status.ts';

const NOW = Date.UTC(2026, 10, 30, 3);
const iso = (ms: number) => new Date(ms).toISOString();
const anAlarm = (name: string, rest: Partial<AlarmReport> = {}): AlarmReport => ({
  ...{ name, cloudwatch_name: name, state: 'firing', since: iso(NOW - 600_000), reason: 'x', severity: 'critical' },
  ...{ owner: 'shop', tool: null, provider: null, means: 'It fails.', firing_means: 'something_is_wrong' },
  runbook: { heading: name, url: null, advice: 'Go back.', advice_by_fault: {} },
  ...{ logs_url: null, actions: 'on', muted: null, contributors: [], has_more_contributors: false },
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
const anIncident = (cause: string): Incident =>
  ({
    incident_id: `${cause}@1`,
    cause,
    severity: 'critical',
    began_at: iso(NOW),
    title: 'It fails',
    acknowledged: null,
  }) as Incident;
const well: StatusParts = {
  alarms: { value: [] },
  tools: { value: { refreshed_at: iso(NOW - 60_000), age_seconds: 60, tools: [] } },
  incidents: { value: [] },
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
  expect(stateOf({ ...well, alarms: { value: quiet } })).toBe('ok');
  expect(stateOf(withTools([aTool({ recent_failures: 0 }), aTool({ verdict: 'healthy' })]))).toBe('ok');
});

test('an alarm, an incident, a tool that fails now and old figures are each something that is broken', () => {
  const alarms = { value: [anAlarm('tool/a/slow')] };
  expect(stateOf({ ...well, alarms })).toBe('broken');
  expect(stateOf(withTools([aTool({})]))).toBe('broken');
  expect(stateOf(withTools([], 901))).toBe('broken');
  expect(stateOf(withTools([], null))).toBe('broken');
  expect(stateOf({ ...well, incidents: { value: [anIncident('tool/a')] } })).toBe('broken');
});

test('what cannot be read is unknown, unless something else is known to be broken', () => {
  const why = { why: 'no answer' };
  for (const part of ['alarms', 'tools', 'incidents'] as const)
    expect(stateOf({ ...well, [part]: why })).toBe('unknown');
  expect(stateOf({ ...withTools([aTool({})]), alarms: why })).toBe('broken');
  const { remarks } = listStatus(decideStatus({ ...well, alarms: why }), NOW);
  expect(remarks).toContain('The alarms cannot all be read: no answer');
  expect(remarks).not.toContain('Nothing is broken.');
});

test('what is muted is still broken, and says so; of very much the first are named', () => {
  const muted = { id: '1', reason: 'x', actor: null, ends_at: null };
  const alarms = Array.from({ length: 30 }, (_, at) => anAlarm(`tool/t${at}/slow`, { muted }));
  const { broken, remarks } = listStatus(decideStatus({ ...well, alarms: { value: alarms } }), NOW);
  expect(broken).toHaveLength(21);
  expect(broken[1]?.slice(2)).toEqual(['tool/t0/slow', '10 min', '(muted) Go back.']);
  expect(remarks[0]).toContain('and 10 more');
});

test('an incident of a drill is not broken, and no number counts tests and parts of other alarms', () => {
  const drill = anIncident('drill/critical');
  expect(decideStatus({ ...well, incidents: { value: [drill] } })).toMatchObject({ state: 'ok', incidents_open: 0 });
  const others = (['drill', 'part_of_another'] as const).map((firing_means) => anAlarm('a/b', { firing_means }));
  const parts: StatusParts = {
    ...well,
    alarms: { value: [anAlarm('tool/a/slow'), ...others] },
    incidents: { value: [anIncident('tool/a'), drill] },
  };
  expect(decideStatus(parts)).toMatchObject({ alarms_firing: 1, incidents_open: 1, broken: { length: 2 } });
});

test('an incident that somebody works on is still broken, and says who does', () => {
  const incident = { ...anIncident('tool/a'), acknowledged: { by: 'ann', at: iso(NOW), note: 'I call the shop.' } };
  const status = decideStatus({ ...well, incidents: { value: [incident] } });
  expect(status).toMatchObject({ state: 'broken', broken: [{ acknowledged_by: 'ann' }] });
  expect(listStatus(status, NOW).broken[1]?.at(-1)).toBe('(acknowledged by ann) It fails');
});

const readTo = (end: number, failsAt = Number.POSITIVE_INFINITY) =>
  readPages(async (after = '0') => {
    const from = Number(after);
    if (from >= failsAt) throw new Error('no answer');
    const next = from + 100;
    return { found: Math.min(100, end - from), next: next < end ? String(next) : null };
  });
const countOf = (pages: readonly { readonly found: number }[]) => pages.reduce((sum, { found }) => sum + found, 0);

test('a list is read to its end, a longer one as far as people look', async () => {
  for (const end of [1, 100, 250, 1_000]) {
    const { pages, error } = await readTo(end);
    expect([countOf(pages), error]).toEqual([end, undefined]);
  }
  const { pages, error } = await readTo(1_001);
  expect([countOf(pages), error]).toEqual([1_000, new Error('Only the first 10 pages are read.')]);
});

test('a page that cannot be read takes nothing from those before it, and the first one is an error', async () => {
  const { pages, error } = await readTo(500, 200);
  expect([countOf(pages), error]).toEqual([200, new Error('no answer')]);
  await expect(readTo(500, 0)).rejects.toThrow('no answer');
});

test('of what is only read in part it says what is broken, and that there is at least so much', () => {
  const why = 'Only the first 10 pages are read.';
  const alarms = { value: Array.from({ length: 30 }, (_, at) => anAlarm(`tool/t${at}/slow`)), why };
  const status = decideStatus({ ...well, alarms });
  expect(status).toMatchObject({ state: 'broken', alarms_firing: 30, unknown: [{ part: 'alarms', why }] });
  const { remarks } = listStatus(status, NOW);
  expect(remarks[0]).toMatch(/^and at least 10 more/);
  expect(remarks).toContain(`The alarms cannot all be read: ${why}`);
  expect(stateOf({ ...well, alarms: { value: [], why } })).toBe('unknown');
});

test.each([
  [{}, 'No alarm is there.'],
  [{ state: 'firing' }, 'No alarm is firing.'],
  [{ state: 'no_data', severity: 'critical' }, 'No critical alarm is without data.'],
  [{ state: 'ok', tool: 'a' }, 'No alarm of the tool a is ok.'],
  [
    { provider: 'shop', name: 'provider/*/slow' },
    'No alarm called provider/*/slow of the outside service shop is there.',
  ],
  [{ after: 'ok:warning:x', severity: 'warning' }, 'No further warning alarm is there.'],
])('where no alarm fits %j a sentence says so', (filters, sentence) => {
  expect(describeNone(filters)).toBe(sentence);
});
