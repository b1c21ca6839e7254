import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { causeOf } from '../../../lambdas/contract/alarms/alarm-name.ts';
import { isDimensionValue } from '../../../lambdas/contract/limits.ts';
import type { Mute } from '../../../lambdas/contract/mutes.ts';
import { MAX_LINE, MAX_LINES } from '../../../lambdas/contract/notices/notice-limits.ts';
import {
  FINDING_KINDS,
  type MonitoringFinding,
  type SelfCheckState,
  selfCheckState,
} from '../../../lambdas/contract/self-check.ts';
import { actionFindings } from '../../../lambdas/monitoring/findings/actions.ts';
import { muteFindings } from '../../../lambdas/monitoring/findings/mutes.ts';
import { recipientFindings, rememberRecipients } from '../../../lambdas/monitoring/findings/recipients.ts';
import { expectSchedules, scheduleFindings } from '../../../lambdas/monitoring/findings/schedules.ts';
import { subscriptionFindings } from '../../../lambdas/monitoring/findings/subscriptions.ts';
import { wordsOf } from '../../../lambdas/notify/words/alarm-words.ts';
import { Findings } from '../../../lambdas/notify/words/findings.ts';
import { checkMonitoring, findMended } from '../../../lambdas/self-check/check-monitoring.ts';
import { longestGap } from '../../../lib/self-check.ts';
import { aNotice } from '../../support/exercise-channels.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 24, 10);
const idsOf = (findings: readonly MonitoringFinding[]) => findings.map(({ id }) => id);

describe('a schedule', () => {
  const refresh = { name: 'refresh', function: 'toolwatch-refresh', minutes: 5 };
  const find = (starts: number, since: number) =>
    scheduleFindings([refresh], new Map([['refresh', starts]]), {
      now: NOW,
      since: expectSchedules([refresh], {}, since),
    });

  test('is found by what it does not start, whatever is the reason', () => {
    expect(find(0, NOW - DAY)).toMatchObject([{ id: 'schedule/refresh', what: expect.stringContaining('65 minutes') }]);
    expect(find(1, NOW - DAY)).toEqual([]);
  });

  test('of a new deployment, or that could not be read, is not found', () => {
    expect(find(0, NOW - HOUR)).toEqual([]);
    expect(scheduleFindings([refresh], new Map(), { now: NOW, since: expectSchedules([refresh], {}, 0) })).toEqual([]);
  });

  test('that is added to an old deployment, or starts less often by now, is expected since then', () => {
    const report = { name: 'report', function: 'toolwatch-report', minutes: 7 * 1_440 };
    const rarer = { ...refresh, minutes: 60 };
    const since = expectSchedules([rarer, report], expectSchedules([refresh], {}, 0), NOW);
    const starts = new Map([
      ['refresh', 0],
      ['report', 0],
    ]);
    expect(scheduleFindings([rarer, report], starts, { now: NOW, since })).toEqual([]);
    const later = expectSchedules([rarer, report], since, NOW + DAY);
    expect(idsOf(scheduleFindings([rarer, report], starts, { now: NOW + DAY, since: later }))).toEqual([
      'schedule/refresh',
    ]);
  });

  test.each([
    ['rate(5 minutes)', 5],
    ['cron(40 * * * ? *)', 60],
    ['cron(15 3 * * ? *)', 1_440],
    ['cron(0 10 ? * TUE *)', 7 * 1_440],
    ['cron(0 8 ? * MON-FRI *)', 3 * 1_440],
  ])('%s has at most %i minutes between two starts', (expression, minutes) => {
    expect(longestGap(expression)).toBe(minutes);
  });

  test('a week in which clocks are put back is an hour longer', () => {
    expect(longestGap('cron(0 8 ? * MON *)', 'Europe/Berlin')).toBe(7 * 1_440 + 60);
    expect(longestGap('cron(0 8 * * ? *)', 'Europe/Berlin')).toBe(1_440 + 60);
  });
});

describe('a subscription', () => {
  const expected = {
    name: 'calls',
    logGroup: '/toolwatch/calls',
    pattern: '{ $.schema = "a" }',
    destination: 'arn:f:ingest',
  };
  const deployed = { pattern: expected.pattern, destination: expected.destination };

  test('that is there is fine, also beside others', () => {
    const others = { pattern: '', destination: 'arn:f:datadog' };
    expect(subscriptionFindings(expected, [others, deployed])).toEqual([]);
  });

  test('that is missing, or takes other lines, is found', () => {
    expect(subscriptionFindings(expected, [])[0]?.what).toContain('No subscription hands the lines');
    expect(subscriptionFindings(expected, [{ ...deployed, pattern: 'ERROR' }])[0]?.what).toContain('match ERROR, not');
    expect(idsOf(subscriptionFindings(expected, [{ ...deployed, destination: 'arn:f:x' }]))).toEqual([
      'subscription/calls',
    ]);
  });
});

test('an alarm whose actions are switched off is found, and one that never had any is not', () => {
  const named = { fullName: 'x/tool/a/slow', name: 'tool/a/slow', severity: 'warning' } as const;
  const alarm = { ...named, state: 'ok', since: 0, reason: '', description: '', isGrouped: false } as const;
  expect(idsOf(actionFindings([{ ...alarm, hasActions: true, isEnabled: false }]))).toEqual(['actions/tool/a/slow']);
  expect(actionFindings([{ ...alarm, hasActions: false, isEnabled: false }])).toEqual([]);
  expect(actionFindings([{ ...alarm, hasActions: true, isEnabled: true }])).toEqual([]);
});

describe('recipients', () => {
  const topic = { severity: 'critical', topic: 'arn:t' } as const;
  const find = (confirmed: string[], pending: string[] = [], known: Record<string, number> = {}) => {
    const recipients = { confirmed, pending };
    return recipientFindings(topic, recipients, rememberRecipients(known, recipients, NOW), NOW);
  };

  test('who are none, pending or gone are found, and named', () => {
    expect(idsOf(find([]))).toEqual(['recipients/critical']);
    expect(find(['a@x'], ['b@x'])[0]).toMatchObject({
      id: 'recipients/critical/pending',
      what: expect.stringContaining('b@x'),
    });
    const gone = find(['a@x'], [], { 'a@x': NOW - HOUR, 'c@x': NOW - HOUR });
    expect(gone).toMatchObject([{ id: 'recipients/critical/gone', what: expect.stringContaining('c@x got critical') }]);
    expect(find(['a@x'], [], { 'a@x': NOW - HOUR })).toEqual([]);
  });

  test('who are gone are named for two days, and then taken as removed on purpose', () => {
    expect(find(['a@x'], [], { 'c@x': NOW - 1.9 * DAY })).toHaveLength(1);
    expect(find(['a@x'], [], { 'c@x': NOW - 2.1 * DAY })).toEqual([]);
  });
});

test('a mute without an end or older than a week is found, and one of the settings or that is over is not', () => {
  const mute: Mute = {
    id: 'a1',
    kind: 'tool',
    name: 'order_status',
    reason: 'The shop moves',
    actor: 'ann',
    starts_at: new Date(NOW - 8 * DAY).toISOString(),
    ends_at: new Date(NOW + DAY).toISOString(),
    changed_at: null,
    status: 'active',
    alarms: [],
    alarms_total: 3,
    firing: [],
    swallowed: [],
    swallowed_total: 2,
  };
  const find = (more: Partial<Mute>) => idsOf(muteFindings([{ ...mute, ...more }], 'toolwatch', NOW));
  expect(muteFindings([mute], 'toolwatch', NOW)[0]?.what).toContain('2 notifications were not sent');
  expect(find({ starts_at: new Date(NOW - 6 * DAY).toISOString() })).toEqual([]);
  expect(find({ kind: 'rule', id: 'by-hand', starts_at: null, ends_at: null })).toEqual(['mute/by-hand']);
  expect(find({ kind: 'rule', id: 'toolwatch-setting-night-0', starts_at: null, ends_at: null })).toEqual([]);
  expect(find({ status: 'ended' })).toEqual([]);
});

describe('the self-check', () => {
  const broken = { send: async () => Promise.reject(new Error('AccessDenied')), config: {} } as never;
  const expected = {
    deployment: 'toolwatch',
    alarmPrefix: '',
    schedules: [{ name: 'refresh', function: 'f', minutes: 5 }],
    subscriptions: [{ name: 'calls', logGroup: '/g', pattern: '', destination: 'arn' }],
    topics: [{ severity: 'critical' as const, topic: 'arn:t' }],
  };
  const check = (before?: SelfCheckState) =>
    checkMonitoring({ cloudwatch: broken, logs: broken, sns: broken }, expected, before, NOW);

  test('says what it cannot read, and forgets nothing that it knew', async () => {
    const first = await check();
    expect(idsOf(first.findings).sort()).toEqual([
      'check/actions-of-alarms',
      'check/mutes',
      'check/recipients',
      'check/schedules',
      'check/subscriptions',
    ]);
    const known = { ...first, recipients: { 'arn:t': { 'a@x': 1 } }, at: NOW - HOUR };
    const later = await check({
      ...known,
      findings: [...known.findings, { id: 'schedule/x', what: '', remedy: '', since: 5 }],
    });
    expect(later.recipients).toEqual({ 'arn:t': { 'a@x': 1 } });
    expect(findMended({ ...known, findings: [{ id: 'schedule/x', what: '', remedy: '', since: 5 }] }, later)).toEqual([
      'schedule/x',
    ]);
    expect(later.findings.find(({ id }) => id === 'check/mutes')?.since).toBe(first.findings[0]?.since);
  });

  test('writes down what it can read again, whatever names others gave', async () => {
    const long = fc.string({ minLength: 1, maxLength: 600, unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(long, { minLength: 2, maxLength: 2 }), async (names) => {
        const subscriptions = names.map((name) => ({ name, logGroup: '/g', pattern: '', destination: 'arn' }));
        const logs = { send: async () => ({ subscriptionFilters: [] }) } as never;
        const { findings, ...state } = await checkMonitoring(
          { cloudwatch: broken, logs, sns: broken },
          { ...expected, subscriptions },
          undefined,
          NOW,
        );
        expect(selfCheckState.safeParse({ ...state, findings }).success).toBe(true);
        const ids = idsOf(findings).filter((id) => id.startsWith('subscription/'));
        expect(new Set(ids).size).toBe(names.length);
        expect(ids.every(isDimensionValue)).toBe(true);
      }),
    );
  });

  test('each finding is an incident of its own, with words, and its id is a dimension', () => {
    const names = fc.string({ minLength: 1, maxLength: 100 }).filter((name) => /^[!-~]+$/.test(name));
    fc.assert(
      fc.property(fc.constantFrom(...FINDING_KINDS), names, (kind, name) => {
        const alarm = `monitoring/off/${kind}/${name}`;
        expect(causeOf(alarm)).toBe(alarm);
        expect(wordsOf(alarm)?.now('')).toBeTruthy();
        expect(isDimensionValue(`${kind}/${name}`)).toBe(true);
      }),
    );
  });

  test('its messages say what exactly is off and what to do, within what a notice may have', async () => {
    const what = 'w'.repeat(3_000);
    const finding = { id: 'schedule/refresh', what, remedy: 'Enable it.\nNow', since: 1 };
    const items = { read: async () => ({ at: 0, schedules: {}, recipients: {}, findings: [finding] }) as never };
    const findings = new Findings(items);
    const entry = { message: { cause: 'monitoring/off/schedule/refresh', kind: 'opened' } } as never;
    await findings.load([entry]);
    const { lines } = findings.explain(entry, aNotice({ lines: Array.from({ length: 8 }, () => 'a line') }));
    expect(lines).toHaveLength(MAX_LINES);
    expect(lines[0]?.length).toBeLessThanOrEqual(MAX_LINE);
    expect(lines[1]).toBe('Do: Enable it. Now');
    const over = { message: { cause: 'monitoring/off/schedule/refresh', kind: 'over' } } as never;
    expect(findings.explain(over, aNotice()).lines).toEqual([]);
  });
});
