import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { NotifiedChannel } from '../../../lambdas/contract/channels.ts';
import type { Notice } from '../../../lambdas/contract/notice.ts';
import type { IncidentMessage } from '../../../lambdas/notify/incidents/incident.ts';
import type { updateIncidents } from '../../../lambdas/notify/incidents/update-incidents.ts';
import { Notifier } from '../../../lambdas/notify/notifier.ts';
import { StateStore } from '../../../lambdas/notify/outbox/state-store.ts';
import { Channels } from '../../../lambdas/notify/publish/channels.ts';
import { buildNotice } from '../../../lambdas/notify/words/build-notice.ts';
import { ALARM_NOTIFICATIONS, anEnvelope } from './alarm-notifications.ts';
import { createTable, reportEachAlarm } from './notifier-parts.ts';
import { CONTEXT } from './words/a-message.ts';

/** A channel of one tenant gets what is about this tenant alone, and the end of what it knows of. */

const FAR = Number.MAX_SAFE_INTEGER;
const CHANNEL: NotifiedChannel = { name: 'acme', type: 'webhook', queueUrl: 'q', filter: { tenants: ['acme'] } };

let shown: Notice[];
let table: ReturnType<typeof createTable>;
/** The tenant that the notice of each kind of message names. */
let tenants: Partial<Record<string, string>>;
let notifier: Notifier;
let update: typeof updateIncidents;

/** As each alarm is reported, and once more for each change that says what is known. */
const repeatEachAlarm: typeof updateIncidents = (incidents, changes, at, topology) => {
  const messages: IncidentMessage[] = [];
  let known = incidents;
  for (const change of changes.toSorted((one, other) => one.at - other.at)) {
    const decided = reportEachAlarm(known, [change], at, topology);
    known = decided.incidents;
    const since = known.alarms[change.alarm]?.since ?? change.at;
    const { alarm, severity, notification } = change;
    const incident = { incident: `${alarm}@${since}`, cause: alarm, alarm, severity, members: [alarm], notification };
    if (decided.messages.length > 0) messages.push(...decided.messages);
    else if (change.state === 'ALARM') messages.push({ ...incident, kind: 'repeated', since, at });
  }
  return { incidents: known, messages };
};

beforeEach(() => {
  shown = [];
  tenants = {};
  table = createTable();
  update = reportEachAlarm;
  const logger = { error: (...error: unknown[]) => expect.fail(String(error)), warn: () => {} } as never;
  const send = async ({ MessageBody = '' }: { MessageBody?: string | undefined }) => {
    shown.push(JSON.parse(MessageBody));
  };
  notifier = new Notifier({
    store: new StateStore(table.client, 'state'),
    publisher: { deliver: async () => {}, forward: async () => {} },
    channels: new Channels({ send, channels: [CHANNEL], place: CONTEXT.place, logger }),
    inbox: { severities: {}, alarmPrefix: '', customNotices: 'arn:custom' },
    events: {
      takeDeploymentEvent: async () => {},
      takeCustomNotice: async () => true,
      takeWeekReport: async () => true,
      passTime: async () => {},
    },
    topics: { critical: 'arn:critical', warning: 'arn:warning' },
    topology: { tools: {}, windowMs: 1 },
    update: (...given) => update(...given),
    readFacts: async () => new Map(),
    buildNotice: (entry, leading) => {
      const notice = buildNotice(entry, leading, CONTEXT);
      const tenant = tenants[entry.message.kind];
      const figures = { bad_calls: 41, ...(tenant !== undefined && { tenant }) };
      return { ...notice, title: `${entry.message.kind} of all`, facts: { ...notice.facts, ...figures } };
    },
    onPublished: async () => {},
    onNotified: () => {},
    logger,
  });
});

const aChange = (state: 'ALARM' | 'OK', minute: number) => {
  const StateChangeTime = `2026-11-20T22:${minute}:00.000+0000`;
  const notification = { ...ALARM_NOTIFICATIONS.metric, AlarmName: 'a', NewStateValue: state, StateChangeTime };
  const body = anEnvelope(JSON.stringify(notification));
  return { messageId: randomUUID(), body };
};
const change = (state: 'ALARM' | 'OK', minute: number) => notifier.takeRecords([aChange(state, minute)], FAR);

test('the end of what began as one tenant’s is sent, without what others did meanwhile', async () => {
  tenants = { opened: 'acme' };
  await change('ALARM', 14);
  await change('OK', 16);
  expect(shown.map(({ state }) => state)).toEqual(['open', 'over']);
  const [, end] = shown;
  expect(end?.title).not.toBe('over of all');
  expect(end?.facts).not.toHaveProperty('bad_calls');
  expect(end?.thread).toBe(shown[0]?.thread);
});

test('the end of what the channel does not know of is not sent, also when it names the tenant', async () => {
  tenants = { opened: 'other', over: 'acme' };
  await change('ALARM', 14);
  await change('OK', 16);
  expect(shown).toEqual([]);
});

test('one incident that is about all tenants does not keep the channel from knowing of the next', async () => {
  await change('ALARM', 14);
  await change('OK', 16);
  tenants = { opened: 'acme', over: 'acme' };
  await change('ALARM', 18);
  await change('OK', 20);
  expect(shown.map(({ title }) => title)).toEqual(['opened of all', 'over of all']);
});

describe('what was withheld from the channel, while the next message is written already', () => {
  /** All changes come before it is known that the first message was withheld. */
  const waysToFollow: [string, (...later: ['ALARM' | 'OK', number][]) => Promise<unknown>][] = [
    [
      'in the same run',
      (...later) =>
        notifier.takeRecords([aChange('ALARM', 14), ...later.map(([state, minute]) => aChange(state, minute))], FAR),
    ],
    [
      'by another run',
      async (...later) => {
        let writes = 0;
        table.interfere = async () => {
          writes += 1;
          // The second one settles what the first run has published.
          if (writes === 2) for (const [state, minute] of later) await change(state, minute);
        };
        await change('ALARM', 14);
        await notifier.passTime(FAR);
      },
    ],
  ];

  test.each(waysToFollow)('has no end there, %s', async (_, follow) => {
    tenants = { opened: 'other', over: 'acme' };
    await follow(['OK', 16]);
    expect(shown).toEqual([]);
  });

  test.each(waysToFollow)('is begun there by what may be said of it, and then has an end, %s', async (_, follow) => {
    update = repeatEachAlarm;
    tenants = { opened: 'other', repeated: 'acme' };
    await follow(['ALARM', 15], ['OK', 16]);
    expect(shown.map(({ type }) => type)).toEqual(['incident.repeated', 'incident.over']);
    expect(shown[1]?.title).not.toBe('over of all');
  });

  test.each(waysToFollow)('has an end there that was written later, %s', async (_, follow) => {
    update = repeatEachAlarm;
    tenants = { opened: 'other', repeated: 'acme' };
    await follow(['ALARM', 15]);
    await change('OK', 16);
    expect(shown.map(({ type }) => type)).toEqual(['incident.repeated', 'incident.over']);
  });
});
