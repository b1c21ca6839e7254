import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { NoticeFilter, NotifiedChannel } from '../../../lambdas/contract/channels.ts';
import { type Notice, noticeSchema } from '../../../lambdas/contract/notice.ts';
import { SEVERITIES, type Severity } from '../../../lambdas/contract/severity.ts';
import { DIGEST_LIMITS } from '../../../lambdas/notify/digests/ways.ts';
import { updateIncidents } from '../../../lambdas/notify/incidents/update-incidents.ts';
import { Notifier } from '../../../lambdas/notify/notifier.ts';
import type { OutboxMessage } from '../../../lambdas/notify/outbox/outbox.ts';
import { StateStore } from '../../../lambdas/notify/outbox/state-store.ts';
import { Channels } from '../../../lambdas/notify/publish/channels.ts';
import { formatPagerMessage } from '../../../lambdas/notify/publish/pager.ts';
import { buildNotice } from '../../../lambdas/notify/words/build-notice.ts';
import type { KnownFacts } from '../../../lambdas/notify/words/context.ts';
import { askReceiver, createChannelRig, kindNames } from '../../support/channel-rig.ts';
import { ALARM_NOTIFICATIONS, anEnvelope, INBOX_TOPIC } from './alarm-notifications.ts';
import { createTable } from './notifier-parts.ts';
import { aRule, CONTEXT, someFacts } from './words/a-message.ts';

/** Many causes at once: no way to people gets a message about each. */

const FAR = Number.MAX_SAFE_INTEGER;
const MINUTE = 60_000;
const BEGIN = Date.UTC(2026, 10, 20, 22);
const { incidents: LIMIT, windowMs: WINDOW_MS } = DIGEST_LIMITS;
/** Longer than any incident of these tests is held open. */
const CALM_MINUTES = 6;

const CHANNELS: readonly NotifiedChannel[] = [
  { name: 'chat', type: 'slack-bot', queueUrl: 'chat', filter: {} },
  { name: 'pager', type: 'pagerduty', queueUrl: 'pager', filter: { severities: ['critical'] } },
];

/** What each way took, in order; which ways take nothing; and of how many incidents it was written down that they began. */
let shown: Record<string, Notice[]>;
let refusing: readonly string[];
let written: string[];
let pages: Record<string, unknown>[];
let now: number;
let notifier: Notifier;

const take = (way: string, notice: Notice): void => {
  if (refusing.includes(way)) throw new Error('it takes nothing now');
  shown[way] = [...(shown[way] ?? []), noticeSchema.parse(notice)];
};

/** The store knows of alert rules for which channels they are: those whose names begin with `hidden` for another one. */
const factsOfRule = ({ id, message: { cause } }: OutboxMessage): [string, KnownFacts][] => {
  const [, name] = /^alert-rule\/(.+)$/.exec(cause) ?? [];
  const channels = name?.startsWith('hidden') ? ['elsewhere'] : [];
  return name === undefined ? [] : [[id, { ...someFacts(null), rule: { ...aRule, name, channels } }]];
};

const createNotifier = (channels: readonly NotifiedChannel[] = CHANNELS): Notifier => {
  const logger = { error: (...error: unknown[]) => expect.fail(String(error)), warn: () => {} } as never;
  return new Notifier({
    store: new StateStore(createTable().client, 'state'),
    publisher: {
      deliver: async (message, delivery, notice) => {
        if (!notice) throw new Error('there are no words');
        take(delivery.severity, notice);
        if (message.message.digest) pages.push(JSON.parse(formatPagerMessage(message, delivery, notice)));
      },
      forward: async () => {},
    },
    channels: new Channels({
      send: async ({ QueueUrl = '', MessageBody = '' }) => take(QueueUrl, JSON.parse(MessageBody)),
      channels,
      place: CONTEXT.place,
      logger,
    }),
    inbox: {
      severities: { [INBOX_TOPIC.critical]: 'critical', [INBOX_TOPIC.warning]: 'warning' },
      alarmPrefix: '',
      customNotices: 'arn:custom',
    },
    events: {
      takeDeploymentEvent: async () => {},
      takeCustomNotice: async () => true,
      takeWeekReport: async () => true,
      passTime: async () => {},
    },
    topics: { critical: 'arn:critical', warning: 'arn:warning' },
    topology: { tools: {}, windowMs: MINUTE },
    update: updateIncidents,
    readFacts: async (entries) => new Map(entries.flatMap(factsOfRule)),
    buildNotice: (entry, leading, known) => buildNotice(entry, leading, CONTEXT, known),
    onPublished: async () => {},
    onNotified: ({ message }) => {
      if (message.kind === 'opened') written.push(message.incident);
    },
    logger,
    now: () => now,
  });
};

const reset = (channels?: readonly NotifiedChannel[]): void => {
  [shown, refusing, written, pages, now] = [{}, [], [], [], BEGIN];
  notifier = createNotifier(channels);
};
beforeEach(() => reset());

const aChange = (AlarmName: string, severity: Severity, NewStateValue: 'ALARM' | 'OK') => {
  const StateChangeTime = new Date(now).toISOString().replace('Z', '+0000');
  const AlarmActions = [INBOX_TOPIC[severity]];
  const change = { ...ALARM_NOTIFICATIONS.metric, AlarmName, AlarmActions, NewStateValue, StateChangeTime };
  return { messageId: randomUUID(), body: anEnvelope(JSON.stringify(change), INBOX_TOPIC[severity]) };
};

const nameOf = (index: number, severity: Severity): string =>
  `tool/tool_${index}/${severity === 'critical' ? 'failing' : 'slow'}`;

/** Fires or ends the alarms of so many tools, in batches as SQS makes them. */
const change = async (state: 'ALARM' | 'OK', severity: Severity, from: number, until: number): Promise<void> => {
  const records = Array.from({ length: until - from }, (_, index) =>
    aChange(nameOf(from + index, severity), severity, state),
  );
  for (let first = 0; first < records.length; first += 100)
    expect(await notifier.takeRecords(records.slice(first, first + 100), FAR)).toEqual([]);
};

const passMinutes = async (minutes: number): Promise<void> => {
  for (let minute = 0; minute < minutes; minute += 1) {
    now += MINUTE;
    await notifier.passTime(FAR);
  }
};

const isDigest = ({ facts }: Notice): boolean => facts.cause === 'digest';
const digestsOf = (way: string): Notice[] => (shown[way] ?? []).filter(isDigest);
const newsOf = (way: string): Notice[] =>
  (shown[way] ?? []).filter((notice) => !isDigest(notice) && notice.type === 'incident.opened');

/** What has begun on a way and not ended. */
const unendedOf = (way: string): string[] => {
  const open = new Set<string>();
  for (const { thread, state } of shown[way] ?? []) {
    if (state === 'open') open.add(thread);
    else expect(open.delete(thread), `${way}: ${thread} ends once, after it began`).toBe(true);
  }
  return [...open];
};

describe('a thousand causes at once', { timeout: 60_000 }, () => {
  test('are ten messages and a digest on each way, and each of them is written down', async () => {
    await change('ALARM', 'critical', 0, 1_000);
    await passMinutes(1);
    for (const way of ['critical', 'chat', 'pager']) {
      expect(newsOf(way), way).toHaveLength(LIMIT);
      expect(digestsOf(way).at(-1)?.facts, way).toMatchObject({ incidents_total: 990, incidents_open: 990 });
      expect(digestsOf(way).length, way).toBeLessThanOrEqual(3);
      expect(new Set(digestsOf(way).map(({ thread }) => thread)).size, way).toBe(1);
    }
    expect(written).toHaveLength(1_000);
    expect(digestsOf('chat').at(-1)?.title).toBe(
      'Still: Too many incidents for a message each: 990 more are open (990 critical) since 22:00 UTC',
    );
  });

  test('are few messages in every kind of channel, none of which refuses one', async () => {
    vi.useFakeTimers({ now: BEGIN, toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    await change('ALARM', 'critical', 0, 100);
    await change('ALARM', 'warning', 100, 250);
    await passMinutes(5);
    await change('OK', 'critical', 0, 100);
    await change('OK', 'warning', 100, 250);
    await passMinutes(CALM_MINUTES);
    vi.setSystemTime(now);
    for (const kind of kindNames) {
      const { channel, receiver, losses } = await createChannelRig(kind);
      const references = new Map<string, string>();
      for (const notice of shown.chat ?? []) {
        const reference = references.get(notice.thread);
        const options = { form: 'rich' as const, now, ...(reference !== undefined && { reference }) };
        const request = channel.buildRequest(notice, options);
        const outcome = request && channel.readAnswer(await askReceiver(receiver, request), now);
        expect(['posted', 'accepted'], `${kind}: ${JSON.stringify(outcome)}`).toContain(outcome?.kind);
        if (outcome && 'reference' in outcome && outcome.reference) references.set(notice.thread, outcome.reference);
      }
      expect(losses()).toEqual([]);
      const messages = receiver.board.all();
      expect(messages.length, kind).toBeLessThanOrEqual(4 * LIMIT + 8);
      expect(messages.some(({ title }) => /further incidents|for a message each/.test(title))).toBe(true);
    }
  });
});

describe('a digest', () => {
  test('ends with the last incident that it counts', async () => {
    await change('ALARM', 'critical', 0, 60);
    await passMinutes(1);
    await change('OK', 'critical', 0, 59);
    await passMinutes(CALM_MINUTES);
    expect(digestsOf('chat').at(-1)?.state).toBe('open');
    await change('OK', 'critical', 59, 60);
    await passMinutes(CALM_MINUTES);
    for (const way of ['critical', 'chat', 'pager']) {
      expect(digestsOf(way).at(-1), way).toMatchObject({ state: 'over', type: 'incident.over' });
      expect(unendedOf(way), way).toEqual([]);
    }
    expect(digestsOf('chat').at(-1)?.title).toMatch(/^Over: 50 further incidents 22:00–/);
  });

  test('of warnings keeps no critical incident from a message of its own, and says when it counts critical ones', async () => {
    await change('ALARM', 'warning', 0, 60);
    await passMinutes(3);
    expect(digestsOf('chat').at(-1)).toMatchObject({ severity: 'warning' });
    await change('ALARM', 'critical', 100, 105);
    await passMinutes(1);
    expect(newsOf('pager')).toHaveLength(5);
    expect(digestsOf('pager')).toEqual([]);
    await change('ALARM', 'critical', 105, 140);
    await passMinutes(2);
    expect(newsOf('pager')).toHaveLength(LIMIT);
    const [, escalated] = digestsOf('chat').filter(({ type }) => type !== 'incident.repeated');
    expect(escalated).toMatchObject({ type: 'incident.escalated', severity: 'critical' });
    expect(escalated?.title).toContain('(30 critical, 50 warnings)');
  });

  test('does not count what is wrong with the pipeline: that may explain the others', async () => {
    await change('ALARM', 'critical', 0, 200);
    await notifier.takeRecords([aChange('pipeline/database-full', 'critical', 'ALARM')], FAR);
    await passMinutes(1);
    expect(newsOf('pager').map(({ facts }) => facts.cause)).toContain('pipeline/database-full');
  });

  test('is one alarm to a pager behind a topic, from its beginning to its end', async () => {
    await change('ALARM', 'critical', 0, 30);
    await passMinutes(2);
    await change('OK', 'critical', 0, 30);
    await passMinutes(CALM_MINUTES);
    expect(new Set(pages.map(({ AlarmName }) => AlarmName)).size).toBe(1);
    expect(pages.map(({ NewStateValue }) => NewStateValue)).toEqual(['ALARM', 'OK']);
    expect(pages[0]).toMatchObject({ AWSAccountId: CONTEXT.place.account, Region: CONTEXT.place.region });
  });

  test('never shows a channel of some tenants how many incidents of others there are', async () => {
    reset([{ name: 'acme', type: 'webhook', queueUrl: 'acme', filter: { tenants: ['acme'] } }]);
    await change('ALARM', 'critical', 0, 50);
    await passMinutes(2);
    expect(shown.acme ?? []).toEqual([]);
    expect(digestsOf('critical').length).toBeGreaterThan(0);
  });

  test('says on a way for warnings nothing of what became critical', async () => {
    reset([{ name: 'calm', type: 'slack-bot', queueUrl: 'calm', filter: { severities: ['warning'] } }]);
    await change('ALARM', 'warning', 0, 40);
    await passMinutes(3);
    await change('ALARM', 'critical', 0, 40);
    await passMinutes(3);
    for (const way of ['warning', 'calm']) {
      expect(digestsOf(way), way).not.toEqual([]);
      for (const { severity, facts } of digestsOf(way))
        expect([severity, facts.incidents_critical, facts.incidents_open], way).toEqual(['warning', 0, 30]);
    }
    expect(digestsOf('critical').at(-1)).toMatchObject({ severity: 'critical', facts: { incidents_critical: 30 } });
    await change('OK', 'warning', 0, 40);
    await change('OK', 'critical', 0, 40);
    await passMinutes(CALM_MINUTES);
    for (const way of ['warning', 'calm', 'critical']) expect(unendedOf(way), way).toEqual([]);
  });

  test('is shown by a channel as what it takes, and never as what it does not take', async () => {
    const typesOfChannels: Readonly<Record<string, readonly string[]>> = {
      openings: ['incident.opened'],
      ends: ['incident.opened', 'incident.over'],
      escalations: ['incident.escalated'],
      errors: ['error'],
      slowness: ['performance.degraded'],
    };
    reset(
      Object.entries(typesOfChannels).map(([name, types]) => ({
        ...{ name, type: 'webhook', queueUrl: name, filter: { types: [...types] } },
      })),
    );
    await change('ALARM', 'warning', 0, 40);
    await passMinutes(3);
    await change('ALARM', 'warning', 40, 140);
    await change('ALARM', 'critical', 0, 40);
    await passMinutes(4);
    await change('OK', 'warning', 0, 140);
    await change('OK', 'critical', 0, 40);
    await passMinutes(2 * CALM_MINUTES);
    const typesOf = (way: string) => [...new Set(digestsOf(way).map(({ type }) => type))];
    expect(typesOf('openings')).toEqual(['incident.opened', 'incident.over']);
    expect(typesOf('ends')).toEqual(['incident.opened', 'incident.over']);
    expect(typesOf('escalations')).toEqual(['incident.escalated', 'incident.over']);
    expect(typesOf('errors')).toEqual(['incident.opened', 'incident.over']);
    expect(typesOf('slowness')).toEqual(['incident.opened', 'incident.repeated', 'incident.over']);
    expect(digestsOf('slowness').map(({ severity }) => severity)).not.toContain('critical');
    for (const way of Object.keys(typesOfChannels)) expect(unendedOf(way), way).toEqual([]);
    // The first of many, and the many that follow.
    expect(digestsOf('openings').length).toBeGreaterThan(1);
  });

  test('comes again in a second storm, which is smaller than the first', async () => {
    await change('ALARM', 'critical', 0, 200);
    await passMinutes(1);
    await change('OK', 'critical', 20, 200);
    await passMinutes(CALM_MINUTES);
    const before = digestsOf('chat').length;
    await change('ALARM', 'critical', 300, 360);
    await passMinutes(2);
    expect(digestsOf('chat').length).toBeGreaterThan(before);
    expect(digestsOf('chat').at(-1)).toMatchObject({ state: 'open', facts: { incidents_open: 70 } });
  });

  test('takes no place of a message: in a storm that goes on each window has its single messages', async () => {
    await change('ALARM', 'critical', 0, 40);
    for (let minute = 0; minute < WINDOW_MS / MINUTE; minute += 1) {
      await passMinutes(1);
      await change('ALARM', 'critical', 100 + 2 * minute, 102 + 2 * minute);
    }
    expect(newsOf('pager')).toHaveLength(LIMIT + 2);
  });

  test('takes no message from a channel for alert rules that it does not show', async () => {
    const fire = (names: readonly string[]) =>
      notifier.takeRecords(
        names.map((name) => aChange(`rules/critical/${name}`, 'critical', 'ALARM')),
        FAR,
      );
    const name = (number: number) => `hidden-${number}`;
    await fire(Array.from({ length: LIMIT }, (_, number) => name(number)));
    await change('ALARM', 'critical', 0, LIMIT);
    await passMinutes(2);
    await fire(['shown']);
    await passMinutes(2);
    expect(newsOf('critical')).toHaveLength(2 * LIMIT);
    const causes = newsOf('chat').map(({ facts }) => facts.cause);
    expect(causes).toHaveLength(LIMIT + 1);
    expect(causes).toContain('alert-rule/shown');
    expect(digestsOf('chat')).toEqual([]);
  });

  test('begins anew, and lets single messages through, once few incidents begin', async () => {
    await change('ALARM', 'critical', 0, 40);
    await passMinutes(WINDOW_MS / MINUTE + 1);
    await change('ALARM', 'critical', 50, 53);
    expect(newsOf('chat')).toHaveLength(LIMIT + 3);
  });
});

/** An incident that begins and ends in some minute, of a tool of its own. */
const anIncident = fc.record({
  severity: fc.constantFrom(...SEVERITIES),
  begins: fc.nat({ max: 25 }),
  lasts: fc.integer({ min: 2, max: 40 }),
});

describe('however many begin and end, whenever, while queues and topics refuse what they are sent', () => {
  test('none is lost, each has a message or is counted, and no way gets more than its limit', {
    timeout: 120_000,
  }, async () => {
    const refusals = fc.array(fc.subarray(['critical', 'warning', 'chat', 'pager']), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(anIncident, { minLength: 5, maxLength: 120 }), refusals, async (incidents, refused) => {
        reset();
        for (let minute = 0; minute < 70; minute += 1) {
          refusing = refused[minute % (2 * refused.length)] ?? [];
          const records = incidents.flatMap(({ severity, begins, lasts }, index) => [
            ...(begins === minute ? [aChange(nameOf(index, severity), severity, 'ALARM' as const)] : []),
            ...(begins + lasts === minute ? [aChange(nameOf(index, severity), severity, 'OK' as const)] : []),
          ]);
          expect(await notifier.takeRecords(records, FAR)).toEqual([]);
          now += MINUTE;
          await notifier.passTime(FAR).catch(() => {});
        }
        refusing = [];
        await passMinutes(CALM_MINUTES);
        expect(written).toHaveLength(incidents.length);
        const of = (severity: Severity) => incidents.filter((incident) => incident.severity === severity).length;
        const expected = {
          critical: of('critical'),
          warning: of('warning'),
          chat: incidents.length,
          pager: of('critical'),
        };
        for (const [way, count] of Object.entries(expected)) {
          expect(unendedOf(way)).toEqual([]);
          const ends = digestsOf(way).filter(({ state }) => state !== 'open');
          const counted = ends.reduce((sum, { facts }) => sum + Number(facts.incidents_total), 0);
          expect(newsOf(way).length + counted, way).toBe(count);
          for (const severity of SEVERITIES) {
            const times = newsOf(way).flatMap((notice) => (notice.severity === severity ? [notice.at] : []));
            for (const at of times)
              expect(times.filter((other) => other >= at && other < at + WINDOW_MS).length).toBeLessThanOrEqual(LIMIT);
          }
          for (const digest of digestsOf(way).filter(({ state }) => state === 'open'))
            expect(digestsOf(way).filter(({ at, state }) => state === 'open' && at === digest.at)).toHaveLength(1);
        }
      }),
      { numRuns: 25 },
    );
  });
});

/** What some channel may filter. */
const someFilter: fc.Arbitrary<NoticeFilter> = fc.record(
  {
    types: fc.subarray(
      [
        ...['incident', 'incident.opened', 'incident.escalated', 'incident.repeated', 'incident.over'],
        ...['error', 'warning', 'health.changed', 'performance.degraded'],
      ],
      { minLength: 1 },
    ),
    severities: fc.subarray([...SEVERITIES, 'info' as const], { minLength: 1 }),
    tools: fc.subarray(['tool_0', 'tool_1'], { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const ALARMS_OF_TOOLS = [0, 1, 2].flatMap((tool) =>
  (['slow', 'callers-at-fault', 'very-slow', 'failing'] as const).map((condition) => ({
    alarm: `tool/tool_${tool}/${condition}`,
    severity: condition === 'failing' || condition === 'very-slow' ? ('critical' as const) : ('warning' as const),
  })),
);
const someCourse = fc.array(
  fc.record({
    alarm: fc.constantFrom(...ALARMS_OF_TOOLS),
    begins: fc.nat({ max: 30 }),
    lasts: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(300)),
  }),
  { minLength: 1, maxLength: 12 },
);

test('whatever channels filter, and however an incident goes on, each that got it gets exactly one end', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(someFilter, { minLength: 1, maxLength: 6 }), someCourse, async (filters, course) => {
      reset(
        filters.map((filter, index) => ({ name: `way-${index}`, type: 'pagerduty', queueUrl: `way-${index}`, filter })),
      );
      for (let minute = 0; minute < 340; minute += 1) {
        const records = course.flatMap(({ alarm: { alarm, severity }, begins, lasts }) => [
          ...(begins === minute ? [aChange(alarm, severity, 'ALARM' as const)] : []),
          ...(begins + lasts === minute ? [aChange(alarm, severity, 'OK' as const)] : []),
        ]);
        if (records.length > 0) expect(await notifier.takeRecords(records, FAR)).toEqual([]);
        await passMinutes(1);
      }
      await passMinutes(40);
      for (const way of ['critical', 'warning', ...filters.map((_, index) => `way-${index}`)])
        expect(unendedOf(way), way).toEqual([]);
    }),
    { numRuns: 10 },
  );
});
