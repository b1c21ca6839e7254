import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Severity } from '../../../lambdas/contract/severity.ts';
import type { Topology } from '../../../lambdas/notify/incidents/causes.ts';
import type { IncidentMessage, StateChange } from '../../../lambdas/notify/incidents/incident.ts';
import { type Incidents, NO_INCIDENTS, updateIncidents } from '../../../lambdas/notify/incidents/update-incidents.ts';

const START = Date.parse('2026-11-30T03:00:00Z');
const MINUTE_MS = 60_000;
const TOPOLOGY: Topology = {
  windowMs: 5 * MINUTE_MS,
  tools: {
    order_status: { provider: 'shop' },
    place_order: { provider: 'shop' },
    sales_report: { provider: 'shop' },
    csv_profile: {},
    tool_health: { asksApi: true },
  },
};

const SEVERITIES: Record<string, Severity> = { down: 'critical', failing: 'critical', 'very-slow': 'critical' };
const severityOf = (alarm: string): Severity => {
  if (alarm.startsWith('provider') && alarm.endsWith('failing')) return 'warning';
  return ['pipeline/store-down', 'pipeline/gateway-failing'].includes(alarm)
    ? 'critical'
    : (SEVERITIES[alarm.split('/').at(-1) ?? ''] ?? 'warning');
};

const change = (minute: number, alarm: string, state: StateChange['state'], more: Partial<StateChange> = {}) => ({
  alarm,
  state,
  severity: severityOf(alarm),
  at: START + minute * MINUTE_MS,
  notification: `${alarm} ${state}`,
  ...more,
});

/** Evaluates each minute, with the changes of that minute. What people are reported, as `minute kind alarm`. */
const tellAll = (changes: readonly StateChange[], minutes = 120): string[] => {
  let incidents = NO_INCIDENTS;
  const reported: string[] = [];
  for (let minute = 0; minute <= minutes; minute += 1) {
    const now = START + minute * MINUTE_MS;
    const current = changes.filter(({ at }) => at > now - MINUTE_MS && at <= now);
    const evaluated = updateIncidents(incidents, current, now, TOPOLOGY);
    incidents = evaluated.incidents;
    reported.push(...evaluated.messages.map(({ kind, alarm }) => `${minute} ${kind} ${alarm}`));
  }
  return reported;
};

test('people are reported at once of a critical alarm, and that it is over after eight good minutes', () => {
  expect(
    tellAll([change(1, 'tool/csv_profile/failing', 'ALARM'), change(60, 'tool/csv_profile/failing', 'OK')]),
  ).toEqual(['1 opened tool/csv_profile/failing', '68 over tool/csv_profile/failing']);
});

test('a warning that ends within five minutes is never reported, and one that lasts is', () => {
  const slow = 'tool/csv_profile/slow';
  expect(tellAll([change(1, slow, 'ALARM'), change(5, slow, 'OK')])).toEqual([]);
  expect(tellAll([change(1, slow, 'ALARM')])).toEqual([`6 opened ${slow}`]);
});

test('drills are never waited with, and the two of them are two incidents', () => {
  const drills = [change(1, 'drill/critical', 'ALARM', { severity: 'critical' }), change(1, 'drill/warning', 'ALARM')];
  expect(tellAll(drills)).toEqual(['1 opened drill/critical', '1 opened drill/warning']);
});

test('a warning of a cause that is critical already is not reported, nor one that becomes critical while it waits', () => {
  const [failing, slow] = ['tool/csv_profile/failing', 'tool/csv_profile/slow'];
  expect(tellAll([change(1, failing, 'ALARM'), change(3, slow, 'ALARM')])).toEqual([`1 opened ${failing}`]);
  expect(tellAll([change(1, slow, 'ALARM'), change(3, failing, 'ALARM')])).toEqual([`3 opened ${failing}`]);
});

test('a warning that people know of is reported once more when it becomes critical', () => {
  const [failing, slow] = ['tool/csv_profile/failing', 'tool/csv_profile/slow'];
  expect(tellAll([change(1, slow, 'ALARM'), change(30, failing, 'ALARM')])).toEqual([
    `6 opened ${slow}`,
    `30 escalated ${failing}`,
  ]);
});

test('an error budget that begins to burn faster is the same incident, and over when it no longer burns', () => {
  const [slowly, fast] = ['tools/burning-slowly/csv_profile', 'tools/burning-fast/csv_profile'];
  const changes = [
    change(1, slowly, 'ALARM'),
    change(20, fast, 'ALARM', { severity: 'critical' }),
    change(60, fast, 'OK', { severity: 'critical' }),
    change(80, slowly, 'OK'),
  ];
  expect(tellAll(changes)).toEqual([
    '6 opened tool/csv_profile/burning-slowly',
    '20 escalated tool/csv_profile/burning-fast',
    '68 over tool/csv_profile/burning-fast',
  ]);
});

describe('a provider that several tools depend on', () => {
  const failing = 'provider/shop/failing';
  const tools = ['tool/order_status/failing', 'tool/place_order/failing', 'tool/sales_report/failing'];

  test.each([
    ['first', [failing, ...tools]],
    ['last', [...tools, failing]],
  ])('is reported once when several of them fail, also when its own alarm comes %s', (_, order) => {
    const fired = order.map((alarm) => change(1, alarm, 'ALARM'));
    const over = order.map((alarm) => change(60, alarm, 'OK'));
    expect(tellAll([...fired, ...over])).toEqual([`2 opened ${failing}`, `68 over ${failing}`]);
  });

  test('is not blamed when only one of them fails', () => {
    expect(tellAll([change(1, failing, 'ALARM'), change(1, 'tool/order_status/failing', 'ALARM')])).toEqual([
      '3 opened tool/order_status/failing',
    ]);
  });

  test('does not explain a tool that still fails ten minutes after it is back', () => {
    const fired = [failing, ...tools].map((alarm) => change(1, alarm, 'ALARM'));
    const over = [failing, ...tools.slice(1)].map((alarm) => change(60, alarm, 'OK'));
    expect(tellAll([...fired, ...over]).sort()).toEqual([
      `2 opened ${failing}`,
      '70 opened tool/order_status/failing',
      `70 over ${failing}`,
    ]);
  });
});

describe('that a provider is degraded', () => {
  const degraded = 'provider/shop/degraded';
  const [first, second] = ['tool/order_status/failing', 'tool/place_order/failing'];

  test('is reported to nobody, alone or with one of its tools', () => {
    expect(tellAll([change(1, degraded, 'ALARM'), change(60, degraded, 'OK')])).toEqual([]);
    const changes = [change(1, degraded, 'ALARM'), change(20, first, 'ALARM'), change(60, first, 'OK')];
    expect(tellAll([...changes, change(90, degraded, 'OK')])).toEqual([`22 opened ${first}`, `68 over ${first}`]);
  });

  test('is what several of its tools have in common, until it is over', () => {
    const changes = [
      change(1, degraded, 'ALARM'),
      change(2, first, 'ALARM'),
      change(3, second, 'ALARM'),
      change(40, second, 'OK'),
      change(50, second, 'ALARM'),
      change(60, first, 'OK'),
      change(60, second, 'OK'),
      change(70, degraded, 'OK'),
    ];
    expect(tellAll(changes)).toEqual([`3 opened ${degraded}`, `78 over ${degraded}`]);
  });

  test('is a message of its own when another tool fails after the first was reported', () => {
    const changes = [change(1, degraded, 'ALARM'), change(1, first, 'ALARM'), change(30, second, 'ALARM')];
    const ends = [first, second, degraded].map((alarm) => change(60, alarm, 'OK'));
    expect(tellAll([...changes, ...ends]).toSorted()).toEqual([
      `3 opened ${first}`,
      `31 opened ${degraded}`,
      `68 over ${degraded}`,
      `68 over ${first}`,
    ]);
  });

  test('begins no incident: warnings of several tools wait as long as ever, and what ended long ago is not reopened', () => {
    const [slow, otherSlow] = ['tool/order_status/slow', 'tool/place_order/slow'];
    const brief = [slow, otherSlow].flatMap((alarm) => [change(90, alarm, 'ALARM'), change(93, alarm, 'OK')]);
    expect(tellAll([change(1, degraded, 'ALARM'), ...brief])).toEqual([]);
    const twice = [20, 300].flatMap((minute) => [
      ...[degraded, first, second].map((alarm) => change(minute, alarm, 'ALARM')),
      ...[first, second].map((alarm) => change(minute + 20, alarm, 'OK')),
    ]);
    const evidence = [change(50, degraded, 'OK'), change(120, degraded, 'ALARM'), change(340, degraded, 'OK')];
    expect(tellAll([...twice, ...evidence], 400).map((line) => line.split(' ')[1])).toEqual([
      'opened',
      'over',
      'opened',
      'over',
    ]);
  });

  test('is not repeated while no tool fails', () => {
    const fired = [degraded, first, second].map((alarm) => change(1, alarm, 'ALARM'));
    const over = [first, second].map((alarm) => change(20, alarm, 'OK'));
    expect(tellAll([...fired, ...over, change(600, degraded, 'OK')], 700)).toEqual([
      `2 opened ${degraded}`,
      `608 over ${degraded}`,
    ]);
  });
});

test('an alarm without a slash in its name is about itself', () => {
  const [opened] = updateIncidents(
    NO_INCIDENTS,
    [change(0, 'disk-full', 'ALARM', { severity: 'critical' })],
    START,
    TOPOLOGY,
  ).messages;
  expect(opened).toMatchObject({ cause: 'disk-full', alarm: 'disk-full' });
});

test('a thousand alarms of a thousand causes are a thousand messages, each once', () => {
  const changes = Array.from({ length: 1_000 }, (_, at) =>
    change(0, `queue/${at}/flooded`, 'ALARM', { severity: 'critical' }),
  );
  const { messages, incidents } = updateIncidents(NO_INCIDENTS, changes, START, TOPOLOGY);
  expect(new Set(messages.map(({ cause }) => cause)).size).toBe(1_000);
  expect(updateIncidents(incidents, changes, START, TOPOLOGY).messages).toEqual([]);
});

test('of thousands of alarms the notifications are remembered that a message still needs, and the latest', () => {
  const fire = (minute: number, family: string, severity: Severity, count: number) =>
    Array.from({ length: count }, (_, index) => change(minute, `${family}/${index}/flooded`, 'ALARM', { severity }));
  const crowd = updateIncidents(NO_INCIDENTS, fire(0, 'queue', 'critical', 3_000), START, TOPOLOGY).incidents;
  // A warning waits for what may explain it, while many others fire.
  const waiting = updateIncidents(crowd, fire(1, 'probe', 'warning', 1), START + MINUTE_MS, TOPOLOGY).incidents;
  const later = fire(2, 'webhook', 'critical', 2_000);
  const { alarms } = updateIncidents(waiting, later, START + 2 * MINUTE_MS, TOPOLOGY).incidents;
  const remembered = Object.keys(alarms).filter((name) => alarms[name]?.notification !== '');
  expect(Object.keys(alarms)).toHaveLength(5_001);
  expect(remembered).toHaveLength(1_000);
  expect(remembered.filter((name) => name.startsWith('probe/'))).toHaveLength(1);
  expect(remembered.filter((name) => name.startsWith('webhook/'))).toHaveLength(999);
});

test('what fails because the store is down is part of that incident', () => {
  const symptoms = [
    'pipeline/ingest-failing',
    'pipeline/refresh-failing',
    'pipeline/api-failing',
    'tool/tool_health/failing',
  ];
  const changes = [...symptoms, 'pipeline/store-down'].map((alarm, index) => change(1 + index / 4, alarm, 'ALARM'));
  expect(tellAll(changes, 60)).toEqual(['3 opened pipeline/store-down']);
});

test('a tool evaluated by the store is not over while the store is down', () => {
  const trickle = 'tools/trickle/csv_profile';
  expect(
    tellAll(
      [
        change(1, trickle, 'ALARM'),
        change(20, 'pipeline/store-down', 'ALARM'),
        change(22, trickle, 'OK', { withoutData: true }),
        change(60, 'pipeline/store-down', 'OK'),
        change(64, trickle, 'ALARM'),
        change(100, trickle, 'OK'),
      ],
      150,
    ),
  ).toEqual([
    '6 opened tool/csv_profile/trickle',
    '20 opened pipeline/store-down',
    '68 over pipeline/store-down',
    '108 over tool/csv_profile/trickle',
  ]);
});

test('an alarm that ends for want of data is quiet, not over', () => {
  const failing = 'tool/csv_profile/failing';
  expect(tellAll([change(1, failing, 'ALARM'), change(30, failing, 'OK', { withoutData: true })])).toEqual([
    `1 opened ${failing}`,
    `38 quiet ${failing}`,
  ]);
});

test('one that comes back each half hour for six hours is reported three times', () => {
  const failing = 'tool/csv_profile/failing';
  const changes = Array.from({ length: 12 }, (_, time) => [
    change(1 + 30 * time, failing, 'ALARM'),
    change(11 + 30 * time, failing, 'OK'),
  ]).flat();
  const reported = tellAll(changes, 500).filter((line) => !line.includes(' over '));
  expect(reported).toEqual([
    `1 opened ${failing}`,
    `31 reopened ${failing}`,
    `61 reopened ${failing}`,
    `301 repeated ${failing}`,
  ]);
});

test('one that lasts is reported again every four hours, a warning every day', () => {
  const reported = tellAll(
    [change(1, 'tool/csv_profile/failing', 'ALARM'), change(1, 'queue/orders/filling', 'ALARM')],
    1500,
  );
  expect(reported.filter((line) => line.includes('csv_profile'))).toHaveLength(1 + 6);
  expect(reported.filter((line) => line.includes('orders'))).toEqual([
    '6 opened queue/orders/filling',
    '1446 repeated queue/orders/filling',
  ]);
});

describe('with any changes', () => {
  const ALARMS = [
    'tool/order_status/failing',
    'tool/order_status/slow',
    'tool/place_order/failing',
    'tools/trickle/order_status',
    'tools/burning-fast/order_status',
    'tools/trickle/webhook/orders',
    'provider/shop/failing',
    'provider/shop/down',
    'provider/shop/degraded',
    'pipeline/store-down',
    'pipeline/api-failing',
    'pipeline/gateway-failing',
    'rules/warning/orders-fail',
    'rules/critical/orders-fail',
    'queue/orders/filling',
    'an-alarm-of-another-app',
  ];
  const changes = fc.array(
    fc
      .record({
        minute: fc.integer({ min: 0, max: 400 }),
        alarm: fc.constantFrom(...ALARMS),
        state: fc.constantFrom('ALARM' as const, 'OK' as const),
        withoutData: fc.boolean(),
      })
      .map(({ minute, alarm, state, withoutData }) => change(minute, alarm, state, { withoutData })),
    { maxLength: 60 },
  );

  /** Evaluates every minute until all has been calm for a day; with messages, and the states between. */
  const run = (given: readonly StateChange[]) => {
    const all = [...given, ...ALARMS.map((alarm) => change(401, alarm, 'OK'))];
    const messages: IncidentMessage[] = [];
    let incidents = NO_INCIDENTS;
    const states: Incidents[] = [];
    for (let minute = 0; minute <= 401 + 300; minute += 1) {
      const now = START + minute * MINUTE_MS;
      const current = all.filter(({ at }) => at === now);
      const evaluated = updateIncidents(JSON.parse(JSON.stringify(incidents)), current, now, TOPOLOGY);
      incidents = evaluated.incidents;
      states.push(incidents);
      messages.push(...evaluated.messages);
    }
    return { messages, states, last: incidents };
  };

  test('every firing alarm is in one incident, or follows from one that people know is over', () => {
    fc.assert(
      fc.property(changes, (given) => {
        for (const { alarms, open, explained } of run(given).states) {
          for (const [name, { isFiring }] of Object.entries(alarms)) {
            const places = open.filter(({ members }) => members.includes(name)).length;
            if (isFiring) expect(places + (name in explained ? 1 : 0)).toBeGreaterThanOrEqual(1);
            expect(places).toBeLessThanOrEqual(1);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('each incident is opened, and over once before it is opened again; in the end all are over', () => {
    fc.assert(
      fc.property(changes, (given) => {
        const { messages, last } = run(given);
        expect(last.open).toEqual([]);
        for (const id of new Set(messages.map(({ incident }) => incident))) {
          const kinds = messages.filter(({ incident }) => incident === id).map(({ kind }) => kind);
          expect(kinds.join(' ')).toMatch(
            /^(opened|reopened)( escalated| repeated)* (over|quiet)( reopened( escalated| repeated)* (over|quiet))*$/,
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  test('changes that come twice or late tell nothing else', () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: 0, max: 400 }), (given, minute) => {
        const now = START + minute * MINUTE_MS;
        const past = given.filter(({ at }) => at <= now);
        const once = updateIncidents(NO_INCIDENTS, past, now, TOPOLOGY);
        const sorted = [...past].sort((a, b) => a.at - b.at);
        expect(updateIncidents(once.incidents, past, now, TOPOLOGY).messages).toEqual([]);
        const inOrder = updateIncidents(NO_INCIDENTS, sorted, now, TOPOLOGY);
        const firing = ({ alarms }: Incidents) =>
          Object.keys(alarms)
            .filter((name) => alarms[name]?.isFiring)
            .sort();
        const distinct = new Set(past.map(({ alarm, at }) => `${alarm} ${at}`)).size === past.length;
        if (distinct) expect(firing(once.incidents)).toEqual(firing(inOrder.incidents));
      }),
      { numRuns: 200 },
    );
  });
});
