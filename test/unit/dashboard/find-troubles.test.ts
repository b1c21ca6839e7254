import { describe, expect, test } from 'vitest';
import { firingIn } from '../../../dashboard/tools/alarms-of.ts';
import { findTroubles } from '../../../dashboard/views/now/find-troubles.ts';
import { headlineOf } from '../../../dashboard/views/now/headline.ts';
import type { AlarmReport } from '../../../lambdas/contract/alarms/alarms-report.ts';
import type { Incident } from '../../../lambdas/contract/api/incidents.ts';
import { anAlarm } from '../../support/operate-answers.ts';

const contributor = (name: string, tool: string | null) => ({ name, tool, since: null, reason: '' });

/** One alarm over all names, which fires for two tools and a webhook. */
const GROUPED = anAlarm({
  name: 'tools/trickle',
  tool: null,
  contributors: [
    contributor('tool/order_status/trickle', 'order_status'),
    contributor('tool/place_order/trickle', 'place_order'),
    contributor('webhook/orders/trickle', null),
  ],
});

const anIncident = (given: Partial<Incident> = {}): Incident => ({
  incident_id: 'tool/order_status@1',
  cause: 'tool/order_status',
  state: 'open',
  acknowledged: null,
  severity: 'critical',
  title: 'order_status fails',
  began_at: '2026-11-30T10:00:00.000Z',
  ended_at: null,
  duration_seconds: 600,
  messages: 1,
  times_reopened: 0,
  members: ['tool/order_status/trickle'],
  tool: 'order_status',
  alarm: 'tool/order_status/trickle',
  runbook: 'tools/trickle',
  calls: null,
  bad_calls: null,
  users: null,
  peak_pct: null,
  version_at_end: null,
  ...given,
});

const titlesOf = (alarms: readonly AlarmReport[], incidents: readonly Incident[]) =>
  findTroubles({ tools: [], firing: firingIn(alarms), incidents }).map(({ title }) => title);

describe('what is broken', () => {
  test('is each name that an alarm over many fires for, also where an incident is about one of them', () => {
    expect(titlesOf([GROUPED], [])).toEqual([
      'order_status is failing',
      'place_order is failing',
      'webhook/orders/trickle',
    ]);
    expect(titlesOf([GROUPED], [anIncident()])).toEqual([
      'order_status fails',
      'place_order is failing',
      'webhook/orders/trickle',
    ]);
  });

  test('is one thing where several alarms of a tool fire', () => {
    const alarms = [anAlarm(), anAlarm({ name: 'tool/order_status/slow', severity: 'warning' })];
    const incident = anIncident({ members: ['tool/order_status/failing'] });
    expect(titlesOf(alarms, [incident])).toEqual(['order_status fails']);
  });

  test('has the alarm that leads its incident first, whatever the others are called', () => {
    const alarms = [anAlarm(), anAlarm({ name: 'tool/order_status/slow', severity: 'warning' })];
    const members = alarms.map(({ name }) => name);
    const leadOf = (alarm: string) =>
      findTroubles({ tools: [], firing: firingIn(alarms), incidents: [anIncident({ members, alarm })] })[0]?.alarms[0]
        ?.name;
    expect(members.map(leadOf)).toEqual(members);
  });

  test('is not an incident of which no alarm fires any more, but is one where alarms are not seen', () => {
    expect(titlesOf([], [anIncident()])).toEqual([]);
    const unseen = findTroubles({ tools: [], firing: 'unknown', incidents: [anIncident()] });
    expect(unseen.map(({ title }) => title)).toEqual(['order_status fails']);
  });
});

describe('the headline', () => {
  const status = { state: 'healthy' as const, words: 'healthy' };
  const tools = [{ status }] as unknown as Parameters<typeof headlineOf>[0]['tools'];

  test('is green where no alarm fires, or where a reader sees none', () => {
    for (const firing of [[], 'unseen'] as const)
      expect(headlineOf({ tools, firing, alarmsProblem: undefined }, [])).toEqual({
        text: 'Nothing is failing',
        tone: 'healthy',
      });
  });

  test('says that it does not know where the alarms are not known, or those of before', () => {
    const alarmsProblem = 'The server does not answer.';
    const unknown = headlineOf({ tools, firing: 'unknown', alarmsProblem }, []);
    expect(unknown).toEqual({ text: 'Whether anything is failing is not known', tone: 'quiet' });
    const before = headlineOf({ tools, firing: [], alarmsProblem }, []);
    expect(before).toEqual({ text: 'Nothing was failing when the alarms were read last', tone: 'quiet' });
  });
});
