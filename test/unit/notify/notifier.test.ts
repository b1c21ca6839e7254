import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { SEVERITIES, type Severity } from '../../../lambdas/contract/severity.ts';
import { DIGEST_LIMITS } from '../../../lambdas/notify/digests/ways.ts';
import { updateIncidents } from '../../../lambdas/notify/incidents/update-incidents.ts';
import { findNotifiedDirectly } from '../../../lambdas/notify/notifications/notified-directly.ts';
import type { InboxRecord } from '../../../lambdas/notify/notifications/read-notification.ts';
import { Notifier, type NotifierParts } from '../../../lambdas/notify/notifier.ts';
import { addMessages } from '../../../lambdas/notify/outbox/add-messages.ts';
import { isForTopic } from '../../../lambdas/notify/outbox/deliveries.ts';
import { EMPTY_OUTBOX } from '../../../lambdas/notify/outbox/outbox.ts';
import { StateStore } from '../../../lambdas/notify/outbox/state-store.ts';
import { buildNotice } from '../../../lambdas/notify/words/build-notice.ts';
import { ALARM_NOTIFICATIONS, anEnvelope, INBOX_TOPIC } from './alarm-notifications.ts';
import { createTable, reportEachAlarm } from './notifier-parts.ts';
import { CONTEXT } from './words/a-message.ts';

const FAR = Number.MAX_SAFE_INTEGER;
const MINUTE = 60_000;

let table: ReturnType<typeof createTable>;
let now: number;
/** What SNS took, and whether it takes anything. */
let published: string[];
let forwarded: string[];
let isRefusing: boolean;
let notifier: Notifier;
/** What the queues of channels took, which they refuse, and who gets messages. */
let queued: string[];
let queuedByIncident: Record<string, string[]>;
let refusing: string[];
let audience: string[];
/** What was written down as sent, and by which open incidents the store was out of question. */
let sent: string[];
let blinded: string[];
let isSpeechless: boolean;
const errors: unknown[] = [];

const RECIPIENTS = { critical: 'arn:aws:sns:us-east-1:000000000000:critical', warning: 'arn:…:warning' };

const partsOf = (): NotifierParts => ({
  store: new StateStore(table.client, 'state'),
  publisher: {
    deliver: async ({ message }, { severity, alarm }, notice) => {
      if (isRefusing) throw new Error('SNS does not take it');
      published.push(`${severity} ${message.kind} ${alarm}${notice ? '' : ' without words'}`);
    },
    forward: async (severity, _, text) => {
      if (isRefusing) throw new Error('SNS does not take it');
      forwarded.push(`${severity} ${text}`);
    },
  },
  channels: {
    find: () => audience,
    takesDigests: () => true,
    shows: () => true,
    deliver: async ({ message }, { alarm, channel: { name } }) => {
      if (refusing.includes(name)) throw new Error('SQS does not take it');
      queued.push(`${name} ${message.kind} ${alarm}`);
      queuedByIncident[message.incident] = [...(queuedByIncident[message.incident] ?? []), `${name} ${message.kind}`];
      return true;
    },
    forward: async (_, severity, subject) => {
      if (refusing.length > 0) throw new Error('SQS does not take it');
      for (const name of audience) queued.push(`${name} forwarded ${severity} ${subject}`);
    },
  },
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
  topics: RECIPIENTS,
  topology: { tools: {}, windowMs: 5 * MINUTE },
  update: reportEachAlarm,
  readFacts: async (_, blinding) => {
    if (blinding) blinded.push(blinding);
    return new Map();
  },
  buildNotice: (entry, leading) => {
    if (isSpeechless) throw new Error('there are no words');
    return buildNotice(entry, leading, CONTEXT);
  },
  onPublished: async () => {},
  onNotified: ({ message }, { title }) => sent.push(`${message.kind} ${title}`),
  logger: { error: (...error: unknown[]) => void errors.push(error), warn: () => {} } as never,
  now: () => now,
});
const createNotifier = () => new Notifier(partsOf());

beforeEach(() => {
  table = createTable();
  now = Date.UTC(2026, 10, 20, 22, 15);
  published = [];
  forwarded = [];
  isRefusing = false;
  isSpeechless = false;
  sent = [];
  blinded = [];
  queued = [];
  queuedByIncident = {};
  refusing = [];
  audience = [];
  notifier = createNotifier();
});

const aRecord = (body: string): InboxRecord => ({ messageId: randomUUID(), body });
const aChange = (AlarmName: string, NewStateValue = 'ALARM', minute = 14): InboxRecord =>
  aRecord(
    anEnvelope(
      JSON.stringify({
        ...ALARM_NOTIFICATIONS.metric,
        AlarmName,
        NewStateValue,
        StateChangeTime: `2026-11-20T22:${minute}:00.000+0000`,
      }),
    ),
  );

describe('the notifier', () => {
  test('publishes an incident once, however often and in whatever batches its alarm is delivered', async () => {
    const record = aChange('a');
    expect(await notifier.takeRecords([record, record], FAR)).toEqual([]);
    expect(await notifier.takeRecords([record], FAR)).toEqual([]);
    await notifier.passTime(FAR);
    expect(published).toEqual(['critical opened a']);
    await notifier.takeRecords([aChange('a', 'OK', 16)], FAR);
    expect(published).toEqual(['critical opened a', 'critical over a']);
  });

  test('forwards what it does not know, and goes on with the rest', async () => {
    expect(await notifier.takeRecords([aRecord('\0'), aChange('a'), aRecord(anEnvelope('disk full'))], FAR)).toEqual(
      [],
    );
    expect(forwarded.sort()).toEqual(['critical \0', 'critical disk full']);
    expect(published).toEqual(['critical opened a']);
  });

  test('publishes what SNS refused as soon as SNS takes it, in order and once', async () => {
    isRefusing = true;
    expect(await notifier.takeRecords([aChange('a')], FAR)).toEqual([]);
    expect(await notifier.takeRecords([aChange('a', 'OK', 16)], FAR)).toEqual([]);
    await notifier.passTime(FAR); // it may still be on its way
    now += 3 * MINUTE;
    await expect(notifier.passTime(FAR)).rejects.toThrow('SNS does not take them');
    isRefusing = false;
    await notifier.passTime(FAR);
    await notifier.passTime(FAR);
    expect(published).toEqual(['critical opened a', 'critical over a']);
  });

  test('asks for what it could not forward again, and only for that', async () => {
    isRefusing = true;
    const unknown = aRecord('?');
    expect(await notifier.takeRecords([unknown, aChange('a')], FAR)).toEqual([unknown.messageId]);
  });

  test('asks for changes again when its state cannot be read or written, having published nothing of them', async () => {
    for (const failure of ['failsReads', 'failsWrites'] as const) {
      table[failure] = true;
      const record = aChange('a');
      expect(await notifier.takeRecords([record], FAR)).toEqual([record.messageId]);
      await expect(notifier.passTime(FAR)).rejects.toThrow('DynamoDB does not answer');
      table[failure] = false;
    }
    expect(published).toEqual([]);
  });

  test('publishes a message again when it could not write down that it had', async () => {
    let writes = 0;
    table.interfere = async () => {
      writes += 1;
      table.failsWrites = writes === 2;
    };
    expect(await notifier.takeRecords([aChange('a')], FAR)).toEqual([]);
    await notifier.passTime(FAR); // the claim of the run before has not ended
    expect(published).toEqual(['critical opened a']);
    now += MINUTE;
    await notifier.passTime(FAR);
    expect(published).toEqual(['critical opened a', 'critical opened a']);
  });

  test('writes down that it has published a message while others still learn of it', async () => {
    const isSettled = new Promise<void>((resolve) => {
      let writes = 0;
      table.interfere = async () => {
        writes += 1;
        if (writes === 2) resolve();
      };
    });
    notifier = new Notifier({ ...partsOf(), onPublished: () => isSettled });
    expect(await notifier.takeRecords([aChange('a')], FAR)).toEqual([]);
    expect(published).toEqual(['critical opened a']);
  });

  test('publishes the shortest form of a message that it has no words for', async () => {
    isSpeechless = true;
    expect(await notifier.takeRecords([aChange('a')], FAR)).toEqual([]);
    expect(published).toEqual(['critical opened a without words']);
    expect(errors).not.toEqual([]);
  });

  test('writes down each message that people are notified of, when it is published first', async () => {
    await notifier.takeRecords([aChange('tool/place_order/failing')], FAR);
    isRefusing = true;
    await notifier.takeRecords([aChange('tool/place_order/failing', 'OK', 16)], FAR);
    now += MINUTE;
    isRefusing = false;
    await notifier.passTime(FAR);
    expect(published).toHaveLength(2);
    expect(sent).toEqual([
      'opened place_order fails more often than allowed since 22:14 UTC',
      expect.stringMatching(/^over Over: place_order was failing 22:14/),
    ]);
  });

  test('does not ask the store while an open incident says that it cannot answer', async () => {
    notifier = new Notifier({ ...partsOf(), update: updateIncidents });
    await notifier.takeRecords([aChange('pipeline/store-down')], FAR);
    now += 5 * MINUTE;
    await notifier.takeRecords([aChange('tool/place_order/failing', 'ALARM', 16)], FAR);
    now += 5 * MINUTE;
    await notifier.passTime(FAR);
    expect(new Set(blinded)).toEqual(new Set(['pipeline/store-down']));
    expect(published).toEqual(['critical opened pipeline/store-down', 'critical opened tool/place_order/failing']);
  });

  test('leaves what it has no time for to the next run', async () => {
    await notifier.takeRecords([aChange('a'), aChange('b')], now - 1);
    expect(published).toEqual([]);
    await notifier.passTime(FAR);
    expect(published.sort()).toEqual(['critical opened a', 'critical opened b']);
  });

  test('is right when two runs take changes at the same time', async () => {
    let isFirst = true;
    table.interfere = async () => {
      if (!isFirst) return;
      isFirst = false;
      await createNotifier().takeRecords([aChange('b')], FAR);
    };
    expect(await notifier.takeRecords([aChange('a')], FAR)).toEqual([]);
    expect(published.sort()).toEqual(['critical opened a', 'critical opened b']);
    await notifier.takeRecords([aChange('a', 'OK', 16), aChange('b', 'OK', 16)], FAR);
    expect(published).toHaveLength(4);
  });

  test('writes its state in every scheduled run, for that proves that it can', async () => {
    await notifier.passTime(FAR);
    await notifier.passTime(FAR);
    expect(table.writes).toBe(2);
  });

  test('holds two thousand open incidents', async () => {
    const records = Array.from({ length: 2_000 }, (_, at) => aChange(`tool/a_tool_with_some_name_${at}/failing`));
    expect(await notifier.takeRecords(records, FAR)).toEqual([]);
    expect(sent).toHaveLength(2_000);
    expect(published.filter((line) => !line.includes('digest'))).toHaveLength(DIGEST_LIMITS.incidents);
  });

  test('does not open an incident for a pager before another one under the same name is over', async () => {
    isRefusing = true;
    await notifier.takeRecords([aChange('a')], FAR);
    await notifier.takeRecords([aChange('a', 'OK', 15)], FAR);
    isRefusing = false;
    await notifier.takeRecords([aChange('a', 'ALARM', 16)], FAR);
    expect(published).toEqual(['critical opened a', 'critical over a', 'critical opened a']);
  });

  test('whatever is delivered in whatever order while SNS and DynamoDB fail, nothing is lost', async () => {
    const steps = fc.array(
      fc.record({
        alarm: fc.constantFrom('a', 'b'),
        ok: fc.boolean(),
        refusing: fc.boolean(),
        failing: fc.boolean(),
        wait: fc.boolean(),
      }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (run) => {
        table = createTable();
        notifier = createNotifier();
        published = [];
        const expected: string[] = [];
        const open = new Set<string>();
        for (const [index, { alarm, ok, refusing, failing, wait }] of run.entries()) {
          isRefusing = refusing;
          table.failsWrites = failing;
          const record = aChange(alarm, ok ? 'OK' : 'ALARM', 10 + index);
          let again = await notifier.takeRecords([record], FAR);
          table.failsWrites = false;
          if (again.length > 0) again = await notifier.takeRecords([record], FAR);
          expect(again).toEqual([]);
          if (ok ? open.delete(alarm) : !open.has(alarm)) expected.push(`critical ${ok ? 'over' : 'opened'} ${alarm}`);
          if (!ok) open.add(alarm);
          if (wait) now += MINUTE;
        }
        isRefusing = false;
        now += MINUTE;
        await notifier.passTime(FAR);
        for (const alarm of ['a', 'b']) {
          const about = (lines: string[]) => lines.filter((line) => line.endsWith(` ${alarm}`));
          expect(about(published)).toEqual(about(expected));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('channels', () => {
  beforeEach(() => {
    audience = ['chat', 'pager'];
  });

  test('get each message beside the topics, once', async () => {
    await notifier.takeRecords([aChange('a'), aChange('a', 'OK', 15)], FAR);
    now += MINUTE;
    await notifier.passTime(FAR);
    expect(queued.toSorted()).toEqual(['chat opened a', 'chat over a', 'pager opened a', 'pager over a']);
    expect(published).toHaveLength(2);
  });

  test('whose queue does not take a message hold back neither topics nor other channels, and get it in order', async () => {
    refusing = ['chat'];
    await notifier.takeRecords([aChange('a')], FAR);
    await notifier.takeRecords([aChange('a', 'OK', 15)], FAR);
    expect(published).toEqual(['critical opened a', 'critical over a']);
    expect(queued).toEqual(['pager opened a', 'pager over a']);

    now += 10 * MINUTE;
    // The direct path stays closed, because people are notified; the channel's own alarm says what waits.
    await expect(notifier.passTime(FAR)).resolves.toEqual({ chat: 10 * MINUTE });
    refusing = [];
    await expect(notifier.passTime(FAR)).resolves.toEqual({});
    expect(queued.slice(2)).toEqual(['chat opened a', 'chat over a']);
    await notifier.passTime(FAR);
    expect(queued).toHaveLength(4);
  });

  test('get messages while SNS takes none', async () => {
    isRefusing = true;
    await notifier.takeRecords([aChange('a')], FAR);
    expect(queued).toEqual(['chat opened a', 'pager opened a']);
    isRefusing = false;
    await notifier.passTime(FAR);
    expect(queued).toHaveLength(2);
    expect(published).toEqual(['critical opened a']);
  });

  test('get what is not the notification of an alarm; that their queues refuse it delays no topic', async () => {
    const other = aRecord(anEnvelope('Something else'));
    expect(await notifier.takeRecords([other], FAR)).toEqual([]);
    expect(queued.toSorted()).toEqual([
      expect.stringMatching(/^chat forwarded critical/),
      expect.stringMatching(/^pager forwarded critical/),
    ]);
    refusing = ['chat'];
    expect(await notifier.takeRecords([other], FAR)).toEqual([]);
    expect(forwarded).toHaveLength(2);
  });

  test('that refuse and take in any turn get every message once and in order', async () => {
    const turns = fc.array(fc.record({ refuses: fc.boolean(), isFiring: fc.boolean() }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(turns, async (steps) => {
        table = createTable();
        [published, queued, queuedByIncident] = [[], [], {}];
        notifier = createNotifier();
        for (const [minute, { refuses, isFiring }] of steps.entries()) {
          refusing = refuses ? ['chat'] : [];
          await notifier.takeRecords([aChange('a', isFiring ? 'ALARM' : 'OK', 15 + minute)], FAR);
        }
        refusing = [];
        await notifier.passTime(FAR);
        expect(queued).toHaveLength(audience.length * published.length);
        for (const sentAboutOne of Object.values(queuedByIncident)) {
          for (const name of audience) {
            const kinds = sentAboutOne.filter((line) => line.startsWith(name));
            expect(kinds).toEqual([`${name} opened`, `${name} over`].slice(0, kinds.length));
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('an alarm about lost notifications', () => {
  const aDirectChange = (NewStateValue: string, minute: number): InboxRecord =>
    aRecord(
      anEnvelope(
        JSON.stringify({
          ...ALARM_NOTIFICATIONS.metric,
          AlarmName: 'pipeline/notifications-undelivered',
          AlarmActions: [RECIPIENTS.critical, RECIPIENTS.warning, INBOX_TOPIC.critical],
          NewStateValue,
          StateChangeTime: `2026-11-20T22:${minute}:00.000+0000`,
        }),
      ),
    );

  test('reaches the channels by the notifier, and its end everybody', async () => {
    audience = ['chat'];
    await notifier.takeRecords([aDirectChange('ALARM', 14)], FAR);
    expect([published, queued]).toEqual([[], ['chat opened pipeline/notifications-undelivered']]);
    expect(sent).toHaveLength(1);
    await notifier.takeRecords([aDirectChange('OK', 15)], FAR);
    expect(published).toEqual(SEVERITIES.map((severity) => `${severity} over pipeline/notifications-undelivered`));
    expect(queued).toHaveLength(2);
  });

  test('has notified both severities of one topic, whatever its notification says', () => {
    const one = { critical: 'arn:one', warning: 'arn:one' };
    expect(findNotifiedDirectly(JSON.stringify({ AlarmActions: ['arn:one', 'arn:inbox'] }), one)).toEqual(SEVERITIES);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => findNotifiedDirectly(text, one).length === 0),
      { numRuns: 200 },
    );
  });
});

describe('the outbox', () => {
  const NO_CHANNELS = {
    findChannels: () => [],
    digests: { ...DIGEST_LIMITS, takesDigests: () => true, shows: () => true },
    topology: { tools: {}, windowMs: MINUTE },
  };
  let notified: readonly Severity[] = [];
  let topics = RECIPIENTS;
  const aMessage = { incident: 'i', cause: 'c', members: ['w', 'k'], since: 1, at: 2 };
  const add = (
    ...messages: { kind: 'opened' | 'escalated' | 'repeated' | 'over'; severity: 'critical' | 'warning' }[]
  ) =>
    messages.reduce((outbox, { kind, severity }, index) => {
      const alarm = severity === 'critical' ? 'k' : 'w';
      const message = { ...aMessage, kind, severity, alarm, notification: `of ${alarm}` };
      return addMessages(outbox, [message], now, () => String(index), {
        ...NO_CHANNELS,
        findNotified: () => notified,
        topics,
      });
    }, EMPTY_OUTBOX);
  beforeEach(() => {
    notified = [];
    topics = RECIPIENTS;
  });
  const deliveriesIn = (outbox: ReturnType<typeof add>) =>
    outbox.messages.map(({ message, deliveries }) =>
      [message.kind, ...deliveries.filter(isForTopic).map(({ severity, alarm }) => `${severity}:${alarm}`)].join(' '),
    );

  test('ends an incident that became critical for everybody, each under the name that they know', () => {
    const outbox = add(
      { kind: 'opened', severity: 'warning' },
      { kind: 'escalated', severity: 'critical' },
      { kind: 'repeated', severity: 'critical' },
      { kind: 'over', severity: 'critical' },
    );
    expect(deliveriesIn(outbox)).toEqual([
      'opened warning:w',
      'escalated critical:k',
      'repeated critical:k',
      'over critical:k warning:w',
    ]);
    expect(outbox.known).toEqual({});
  });

  test('does not repeat what CloudWatch has said itself, and says to all who know of it that it lasts and is over', () => {
    notified = ['critical', 'warning'];
    const outbox = add(
      { kind: 'opened', severity: 'critical' },
      { kind: 'repeated', severity: 'critical' },
      { kind: 'over', severity: 'critical' },
    );
    expect(deliveriesIn(outbox)).toEqual(['opened', 'repeated critical:k', 'over critical:k warning:k']);
  });

  test('says nothing twice to the one topic of both severities, and ends there each name that pagers know', () => {
    topics = { critical: 'arn:one', warning: 'arn:one' };
    notified = SEVERITIES;
    const reported = add({ kind: 'opened', severity: 'warning' }, { kind: 'over', severity: 'warning' });
    expect(deliveriesIn(reported)).toEqual(['opened', 'over critical:w']);
    notified = [];
    const escalated = add(
      { kind: 'opened', severity: 'warning' },
      { kind: 'escalated', severity: 'critical' },
      { kind: 'over', severity: 'critical' },
    );
    expect(deliveriesIn(escalated).at(-1)).toBe('over critical:k warning:w');
  });

  test('forgets what was not mentioned for a week', () => {
    const outbox = add({ kind: 'opened', severity: 'warning' });
    expect(Object.keys(outbox.known)).toEqual(['i']);
    const later = now + 8 * 24 * 60 * MINUTE;
    const audience = { ...NO_CHANNELS, findNotified: () => [], topics };
    expect(addMessages(outbox, [], later, () => '', audience).known).toEqual({});
  });
});
