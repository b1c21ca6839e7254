import type { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { PROVING_TYPES } from '../../../lambdas/contract/channel-settings.ts';
import type { NotifiedChannel } from '../../../lambdas/contract/channels.ts';
import { type DrillMessage, idOfDrillMessage } from '../../../lambdas/contract/drill.ts';
import type { Notice } from '../../../lambdas/contract/notice.ts';
import { TableItems } from '../../../lambdas/monitoring/table-items.ts';
import { DrillMessages } from '../../../lambdas/notify/drill-messages.ts';
import type { IncidentMessage } from '../../../lambdas/notify/incidents/incident.ts';
import { NO_INCIDENTS, updateIncidents } from '../../../lambdas/notify/incidents/update-incidents.ts';
import type { Delivery } from '../../../lambdas/notify/outbox/deliveries.ts';
import type { OutboxMessage } from '../../../lambdas/notify/outbox/outbox.ts';
import { findAudience } from '../../../lambdas/notify/publish/audience.ts';
import { Channels } from '../../../lambdas/notify/publish/channels.ts';
import { buildNotice } from '../../../lambdas/notify/words/build-notice.ts';
import { CONTEXT } from './words/a-message.ts';

const items = new Map<string, string>();
const client = {
  send: async ({ input }: GetItemCommand | PutItemCommand) => {
    if ('Item' in input) return void items.set(input.Item?.id?.S ?? '', input.Item?.value?.S ?? '');
    const value = items.get(input.Key?.id?.S ?? '');
    return value === undefined ? {} : { Item: { value: { S: value } } };
  },
} as unknown as DynamoDBClient;
const warnings: string[] = [];
const drills = new DrillMessages(new TableItems(client, 'state'), { warn: (text) => void warnings.push(String(text)) });
const written = (): DrillMessage => JSON.parse(items.get(idOfDrillMessage('critical')) ?? 'null');
beforeEach(() => items.clear());

const aDrill = (more: Partial<IncidentMessage> = {}): IncidentMessage => ({
  kind: 'opened',
  incident: 'drill/critical@2026-11-24T10:01:00.000Z',
  cause: 'drill/critical',
  severity: 'critical',
  alarm: 'drill/critical',
  members: ['drill/critical'],
  since: 1,
  at: 2,
  notification: '{}',
  ...more,
});
const toTopic: Delivery = {
  channel: 'topic',
  severity: 'critical',
  attempts: 0,
  alarm: 'drill/critical',
  notification: '',
};
const toChannel = (name: string): Delivery => ({
  channel: { name },
  attempts: 0,
  alarm: 'drill/critical',
  notification: '',
});
const anEntry = (deliveries: readonly Delivery[], message = aDrill()): OutboxMessage => ({
  id: '0193487a-0f00-7000-8000-000000000001',
  writtenAt: 0,
  message,
  deliveries,
  claimedUntil: 0,
});

test('what became of the message of a drill is written down, through every attempt, until it is over', async () => {
  await drills.note(anEntry([toTopic, toChannel('chat')]), [toChannel('chat')]);
  expect(written()).toMatchObject({ notice: anEntry([]).id, published: ['topic critical'] });
  await drills.note(anEntry([toChannel('chat')]), []);
  expect(written()).toMatchObject({ published: ['topic critical', 'channel chat'] });
  expect(written().endedAt).toBeUndefined();
  await drills.note({ ...anEntry([toTopic], aDrill({ kind: 'over', at: 9 })), id: 'another' }, []);
  expect(written()).toMatchObject({ notice: anEntry([]).id, endedAt: 9 });
});

test('nothing is written down of any other message, and a table that does not answer stops nothing', async () => {
  await drills.note(anEntry([toTopic], aDrill({ cause: 'tool/drill', alarm: 'tool/drill/failing' })), []);
  expect(items.size).toBe(0);
  const deaf = { send: async () => Promise.reject(new Error('DynamoDB does not answer')) } as unknown as DynamoDBClient;
  const quiet = new DrillMessages(new TableItems(deaf, 'state'), { warn: (text) => void warnings.push(String(text)) });
  await quiet.note(anEntry([toTopic]), []);
  expect(warnings).toEqual(['It could not be written down that a message of a drill was published']);
});

test('a drill soon after another is an incident of its own', () => {
  const topology = { tools: {}, windowMs: 1_000 };
  const change = (state: 'ALARM' | 'OK', at: number) =>
    ({ alarm: 'drill/critical', severity: 'critical', state, at, notification: '{}' }) as const;
  const messages: IncidentMessage[] = [];
  let incidents = NO_INCIDENTS;
  const pass = (now: number, ...changes: ReturnType<typeof change>[]) => {
    const updated = updateIncidents(incidents, changes, now, topology);
    incidents = updated.incidents;
    messages.push(...updated.messages);
  };
  for (const start of [100_000, 106_000]) {
    pass(start, change('ALARM', start));
    pass(start + 500);
    pass(start + 600, change('OK', start + 600));
    pass(start + 5_000);
  }
  expect(messages.map(({ kind }) => kind)).toEqual(['opened', 'over', 'opened', 'over']);
  expect(new Set(messages.map(({ incident }) => incident)).size).toBe(2);
});

const aChannel = (type: NotifiedChannel['type'], filter: NotifiedChannel['filter'] = {}): NotifiedChannel => ({
  name: type,
  type,
  queueUrl: `https://sqs/${type}.fifo`,
  filter,
});

test('a drill goes to every channel once, whatever that filters', () => {
  const channels = [
    aChannel('slack-bot', { tools: ['order_status'], types: ['deployment'] }),
    aChannel('jsm', { severities: ['warning'], tenants: ['acme'] }),
    aChannel('teams', { severities: ['info'] }),
  ];
  expect(findAudience(channels, aDrill(), undefined, {})).toEqual(['slack-bot']);
  const warning = aDrill({ cause: 'drill/warning', severity: 'warning', alarm: 'drill/warning' });
  expect(findAudience(channels, warning, undefined, {})).toEqual(['jsm', 'teams']);
});

test('only a channel that cannot prove that people see a drill asks them, and gets it although it is for a tenant', async () => {
  const channels = (['teams', 'pagerduty', 'slack-webhook'] as const).map((type) =>
    aChannel(type, { tenants: ['acme'] }),
  );
  const sent: Notice[] = [];
  const queues = new Channels({
    send: async ({ MessageBody = '' }) => sent.push(JSON.parse(MessageBody)),
    channels,
    place: CONTEXT.place,
    logger: { warn: () => {} },
  });
  for (const { name } of channels) {
    const delivery = { channel: { name }, attempts: 0, alarm: 'drill/critical', notification: '' };
    const entry = anEntry([delivery]);
    await queues.deliver(entry, delivery, buildNotice(entry, delivery, CONTEXT));
  }
  const asks = sent.map(({ lines }) => lines[0]?.includes('npx toolwatch drill --confirm') ?? false);
  expect(asks).toEqual([true, true, false]);
  expect(channels.map(({ type }) => PROVING_TYPES.includes(type))).toEqual([false, false, true]);
});
