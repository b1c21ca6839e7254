import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import type { NotifiedChannel } from '../../../lambdas/contract/channels.ts';
import type { Notice } from '../../../lambdas/contract/notice.ts';
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
/** The tenant that the notice of each kind of message names. */
let tenants: Partial<Record<string, string>>;
let notifier: Notifier;

beforeEach(() => {
  shown = [];
  tenants = {};
  const logger = { error: (...error: unknown[]) => expect.fail(String(error)), warn: () => {} } as never;
  const send = async ({ MessageBody = '' }: { MessageBody?: string | undefined }) => {
    shown.push(JSON.parse(MessageBody));
  };
  notifier = new Notifier({
    store: new StateStore(createTable().client, 'state'),
    publisher: { deliver: async () => {}, forward: async () => {} },
    channels: new Channels({ send, channels: [CHANNEL], place: CONTEXT.place, logger }),
    inbox: { severities: {}, alarmPrefix: '', customNotices: 'arn:custom' },
    events: { takeDeploymentEvent: async () => {}, takeCustomNotice: async () => true, passTime: async () => {} },
    findNotified: () => [],
    topology: { tools: {}, windowMs: 1 },
    update: reportEachAlarm,
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

const change = (state: 'ALARM' | 'OK', minute: number) => {
  const StateChangeTime = `2026-11-20T22:${minute}:00.000+0000`;
  const notification = { ...ALARM_NOTIFICATIONS.metric, AlarmName: 'a', NewStateValue: state, StateChangeTime };
  const body = anEnvelope(JSON.stringify(notification));
  return notifier.takeRecords([{ messageId: randomUUID(), body }], FAR);
};

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
