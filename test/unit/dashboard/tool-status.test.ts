import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alarmsOf, firingIn } from '../../../dashboard/tools/alarms-of.ts';
import { findFailingSpan } from '../../../dashboard/tools/failing-span.ts';
import { statusOf, type ToolEvidence } from '../../../dashboard/tools/tool-status.ts';
import { type ToolHealth, VERDICTS } from '../../../lambdas/contract/reports.ts';
import { anAlarm } from '../../support/operate-answers.ts';

const MINUTE_MS = 60_000;
const NOW = Date.parse('2026-11-30T12:00:00.000Z');
const minutesAgo = (minutes: number): string => new Date(NOW - minutes * MINUTE_MS).toISOString();

const aTool = (given: Partial<ToolHealth> = {}): ToolHealth => ({
  tool_name: 'order_status',
  verdict: 'critical',
  health_reason: '20 of 100 calls fail',
  health_status: 'critical',
  total_invocations: 100,
  error_count: 20,
  error_rate_pct: 20,
  caller_error_count: 0,
  timeout_count: 0,
  most_common_error: 'UPSTREAM_ERROR',
  most_common_fault: 'dependency',
  p50_ms: 100,
  p95_ms: 200,
  p95_all_ms: 300,
  last_invoked_at: minutesAgo(1),
  recent_calls: 20,
  recent_failures: 0,
  ...given,
});

const aStep = (minutes: number, failures: number, calls = 10) => ({
  at: minutesAgo(minutes),
  minutes: 5 as const,
  calls,
  failures,
});

const evidence = (given: Partial<ToolEvidence> = {}): ToolEvidence => ({
  firing: [],
  points: [],
  incidents: [],
  ...given,
});

const firingOf = (...alarms: Parameters<typeof anAlarm>[0][]) =>
  alarmsOf('order_status', firingIn(alarms.map(anAlarm)));

describe('the status of a tool', () => {
  test('is failing while its critical alarm fires, since that fired', () => {
    const firing = firingOf({ since: minutesAgo(9) });
    expect(statusOf(aTool({ verdict: 'healthy' }), evidence({ firing }), NOW)).toMatchObject({
      state: 'failing',
      words: 'failing',
      from: NOW - 9 * MINUTE_MS,
    });
  });

  test('is healthy as soon as its alarm is OK, with when it was failing, although the day was bad', () => {
    const points = [aStep(60, 0), aStep(50, 8), aStep(45, 9), aStep(40, 0)];
    const status = statusOf(aTool(), evidence({ points }), NOW);
    expect(status).toMatchObject({
      state: 'healthy',
      words: 'was failing',
      from: NOW - 50 * MINUTE_MS,
      until: NOW - 40 * MINUTE_MS,
    });
  });

  test('takes when it was failing from the incident, which is exact', () => {
    const incidents = [{ began_at: minutesAgo(52), ended_at: minutesAgo(7) }];
    const status = statusOf(aTool({ recent_failures: 9 }), evidence({ points: [aStep(50, 8)], incidents }), NOW);
    expect(status).toMatchObject({ state: 'healthy', from: NOW - 52 * MINUTE_MS, until: NOW - 7 * MINUTE_MS });
  });

  test('is not healthy when calls fail after the end of an incident, a minute ago or long ago', () => {
    const [soon, long] = [7, 90].map((minutes) => [{ began_at: minutesAgo(120), ended_at: minutesAgo(minutes) }]);
    const points = [aStep(50, 8), aStep(5, 9)];
    const failing = aTool({ recent_failures: 9 });
    const again = statusOf(failing, evidence({ points, incidents: soon ?? [] }), NOW);
    expect(again).toMatchObject({ state: 'warning', words: 'some calls fail', from: NOW - 5 * MINUTE_MS });
    const later = statusOf(failing, evidence({ incidents: long ?? [] }), NOW);
    expect(later).toMatchObject({ state: 'warning', from: undefined });
  });

  test('is not green where its alarms could not be read, but failing where its calls say so', () => {
    const firing = 'unknown' as const;
    const well = statusOf(aTool({ verdict: 'healthy' }), evidence({ firing }), NOW);
    expect(well).toMatchObject({ state: 'unproven', words: 'not known to fail' });
    expect(well.note).toContain('could not be read');
    const failing = statusOf(aTool({ recent_failures: 16 }), evidence({ firing }), NOW);
    expect(failing.state).toBe('failing');
  });

  test('is quiet, and not healthy, when nobody calls it after it failed', () => {
    const status = statusOf(aTool({ recent_calls: 0 }), evidence({ points: [aStep(50, 8)] }), NOW);
    expect(status.state).toBe('quiet');
    expect(status.note).toContain('not proven well');
  });

  test('without alarms to see, the last quarter of an hour decides', () => {
    const points = [aStep(10, 8), aStep(5, 8)];
    const failing = statusOf(aTool({ recent_failures: 16 }), evidence({ firing: 'unseen', points }), NOW);
    expect(failing).toMatchObject({ state: 'failing', from: NOW - 10 * MINUTE_MS });
    const mended = statusOf(aTool(), evidence({ firing: 'unseen', points }), NOW);
    expect(mended).toMatchObject({ state: 'healthy', words: 'was failing' });
  });

  test('is never failing while no alarm fires, whatever the figures are, and never healthy while none calls it', () => {
    fc.assert(
      fc.property(
        fc.record({
          verdict: fc.constantFrom(...VERDICTS),
          total_invocations: fc.nat(1_000),
          recent_calls: fc.nat(50),
          recent_failures: fc.nat(50),
        }),
        fc.array(fc.tuple(fc.nat(180), fc.nat(10))),
        (given, steps) => {
          const points = steps.map(([minutes, failures]) => aStep(minutes, failures));
          const { state } = statusOf(aTool(given), evidence({ points }), NOW);
          expect(state).not.toBe('failing');
          if (given.recent_calls === 0 && given.recent_failures === 0) expect(state).not.toBe('healthy');
        },
      ),
    );
  });
});

describe('alarms of a tool', () => {
  test('are its own and those over all tools that fire for it, the critical first', () => {
    const contributor = { name: 'tool/order_status/trickle', tool: 'order_status', since: null, reason: '' };
    const firing = firingOf(
      { name: 'tools/trickle', tool: null, severity: 'warning', contributors: [contributor] },
      {},
      { tool: 'another' },
    );
    expect(firing.map(({ name }) => name)).toEqual(['tool/order_status/failing', 'tool/order_status/trickle']);
  });

  test('are beside the alarm itself where it fires for more names than its report has', () => {
    const contributor = { name: 'tool/order_status/trickle', tool: 'order_status', since: null, reason: '' };
    const alarm = anAlarm({
      name: 'tools/trickle',
      tool: null,
      contributors: [contributor],
      has_more_contributors: true,
    });
    expect(firingIn([alarm]).map(({ name }) => name)).toEqual(['tool/order_status/trickle', 'tools/trickle']);
  });

  test.each(['part_of_another', 'drill', 'all_is_well'] as const)('that are %s say nothing', (firing_means) => {
    expect(firingOf({ firing_means })).toEqual([]);
  });
});

describe('the last time in which calls failed', () => {
  test('is one although a step between is good, and another after a quarter of an hour', () => {
    expect(findFailingSpan([aStep(100, 5), aStep(60, 5), aStep(50, 5)], NOW)).toEqual({
      from: NOW - 60 * MINUTE_MS,
      until: NOW - 45 * MINUTE_MS,
    });
  });

  test('ends now at the latest, also where a step is of an hour that is not over', () => {
    const hour = { at: minutesAgo(20), minutes: 60 as const, calls: 30, failures: 9 };
    expect(findFailingSpan([hour], NOW)).toEqual({ from: NOW - 20 * MINUTE_MS, until: NOW });
  });

  test('is none where few calls fail', () => {
    expect(findFailingSpan([aStep(60, 1, 100)], NOW)).toBeUndefined();
  });
});
