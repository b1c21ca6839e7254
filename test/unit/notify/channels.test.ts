import { randomUUID } from 'node:crypto';
import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Queue } from '../../../emulator/sqs/queue.ts';
import { checkMessage } from '../../../emulator/sqs/send-request.ts';
import type { NoticeFilter, NotifiedChannel } from '../../../lambdas/contract/channels.ts';
import { MESSAGE_KINDS } from '../../../lambdas/contract/incident-line.ts';
import { noticeSchema } from '../../../lambdas/contract/notice.ts';
import type { IncidentMessage } from '../../../lambdas/notify/incidents/incident.ts';
import type { OutboxMessage } from '../../../lambdas/notify/outbox/outbox.ts';
import { allowsTenant, findAudience } from '../../../lambdas/notify/publish/audience.ts';
import { Channels, toQueueMessage } from '../../../lambdas/notify/publish/channels.ts';
import { plainNotice } from '../../../lambdas/notify/publish/plain-notice.ts';
import { buildNotice } from '../../../lambdas/notify/words/build-notice.ts';
import { CONTEXT } from './words/a-message.ts';

const PLACE = { deployment: 'toolwatch', account: '000000000000', region: 'us-east-1' };
const TOOLS = { place_order: { provider: 'shop' }, order_status: { provider: 'shop' }, regex_search: {} };

const aMessage = (more: Partial<IncidentMessage> = {}): IncidentMessage => ({
  kind: 'opened',
  incident: 'tool/place_order@2026-11-20T22:14:03.120Z',
  cause: 'tool/place_order',
  severity: 'critical',
  alarm: 'tool/place_order/failing',
  members: ['tool/place_order/failing'],
  since: 1,
  at: 2,
  notification: '{}',
  ...more,
});
const anEntry = (message: IncidentMessage = aMessage()): OutboxMessage => ({
  id: randomUUID(),
  writtenAt: 0,
  message,
  deliveries: [],
  claimedUntil: 0,
});
const aChannel = (
  filter: NoticeFilter = {},
  name = 'chat',
  type: NotifiedChannel['type'] = 'slack-bot',
): NotifiedChannel => ({
  name,
  type,
  queueUrl: `https://sqs/${name}.fifo`,
  filter,
});

describe('the filter of a channel', () => {
  const gets = (filter: NoticeFilter, message: IncidentMessage, informed?: readonly string[]) =>
    findAudience([aChannel(filter)], message, informed, TOOLS).length > 0;

  test.each<[string, NoticeFilter, Partial<IncidentMessage>, boolean]>([
    ['nothing', {}, {}, true],
    ['its severity', { severities: ['critical'] }, {}, true],
    ['another severity', { severities: ['warning', 'info'] }, {}, false],
    ['its type', { types: ['incident.opened'] }, {}, true],
    ['the beginning of its type', { types: ['incident'] }, {}, true],
    ['the beginning of a word of its type', { types: ['inc', 'incident.open'] }, {}, false],
    ['its tool', { tools: ['place_order'] }, {}, true],
    ['another tool', { tools: ['order_status'] }, {}, false],
    ['a tool of one of its alarms', { tools: ['order_status'] }, { members: ['tool/order_status/slow'] }, true],
    [
      'a tool, of what is about none',
      { tools: ['place_order'] },
      { cause: 'pipeline/x', members: ['pipeline/x'] },
      false,
    ],
    ['the provider of its tool', { providers: ['shop'] }, {}, true],
    ['its provider', { providers: ['bank'] }, { cause: 'provider/bank', members: ['provider/bank/down'] }, true],
    ['another provider', { providers: ['bank'] }, {}, false],
    ['a name that objects have', { providers: ['x'] }, { cause: 'tool/constructor', members: [] }, false],
    ['its tool, but another severity', { tools: ['place_order'], severities: ['warning'] }, {}, false],
  ])('that names %s', (_, filter, message, expected) => {
    expect(gets(filter, aMessage(message))).toBe(expected);
  });

  test('lets the end of an incident through to whoever got a message about it, and to nobody else', () => {
    const over = aMessage({ kind: 'over', severity: 'critical' });
    expect(gets({ severities: ['warning'] }, over, ['chat'])).toBe(true);
    expect(gets({}, over, ['pager'])).toBe(false);
    expect(gets({}, over)).toBe(true);
    for (const types of [['incident.opened'], ['warning'], ['performance.degraded']])
      expect(gets({ types }, over, ['chat']), types[0]).toBe(true);
  });

  test('of tenants lets through what names one of them, and nothing else', () => {
    const notice = plainNotice(
      anEntry(),
      { channel: { name: 'chat' }, attempts: 0, alarm: 'a', notification: '' },
      PLACE,
    );
    expect(allowsTenant({ tenants: ['acme'] }, notice)).toBe(false);
    expect(allowsTenant({ tenants: ['acme'] }, { ...notice, facts: { tenant: 'acme' } })).toBe(true);
    expect(allowsTenant({ tenants: ['acme'] }, { ...notice, facts: { tenant: 'other' } })).toBe(false);
    expect(allowsTenant({}, notice)).toBe(true);
  });
});

/** A FIFO queue as SQS's: it refuses what SQS refuses. */
const queue = new Queue({
  name: 'chat.fifo',
  arn: 'arn',
  isFifo: true,
  retentionMs: 1,
  visibilityMs: 1,
  redrive: undefined,
  clock: { now: () => 0, after: () => () => {} },
});
const createChannels = (channels = [aChannel()]) => {
  const sent: SendMessageCommandInput[] = [];
  const warnings: unknown[] = [];
  const send = async (input: SendMessageCommandInput) => {
    const { MessageBody = '', MessageGroupId, MessageDeduplicationId } = input;
    checkMessage(queue, MessageBody, { group: MessageGroupId, deduplication: MessageDeduplicationId });
    sent.push(input);
  };
  const logger = { warn: (...entry: unknown[]) => void warnings.push(entry) };
  return { sent, warnings, channels: new Channels({ send, channels, place: PLACE, logger: logger as never }) };
};
const deliveryTo = (name: string, alarm = 'tool/place_order/failing') => ({
  channel: { name },
  attempts: 0,
  alarm,
  notification: '{}',
});

test('a channel gets no message that it does not work itself, and all others do', () => {
  const dead = aMessage({ cause: 'channel/chat', alarm: 'channel/chat/dead', members: ['channel/chat/dead'] });
  const channels = [aChannel(), aChannel({}, 'pager'), aChannel({}, 'chat-two')];
  expect(findAudience(channels, dead, undefined, TOOLS)).toEqual(['pager', 'chat-two']);
  expect(findAudience(channels, { ...dead, kind: 'over' }, ['chat', 'pager'], TOOLS)).toEqual(['pager']);
});

describe('a message to the queue of a channel', () => {
  test('is a notice, in the group of its incident, and the same when it is sent again', async () => {
    const { channels, sent } = createChannels();
    const entry = anEntry();
    await channels.deliver(entry, deliveryTo('chat'), undefined);
    await channels.deliver(entry, deliveryTo('chat'), undefined);
    expect(sent[0]).toEqual(sent[1]);
    expect(sent[0]).toMatchObject({
      QueueUrl: 'https://sqs/chat.fifo',
      MessageGroupId: entry.message.incident,
      MessageDeduplicationId: entry.id,
    });
    expect(noticeSchema.parse(JSON.parse(sent[0]?.MessageBody ?? ''))).toMatchObject({
      id: entry.id,
      type: 'incident.opened',
      thread: entry.message.incident,
      state: 'open',
      title: expect.stringContaining('tool/place_order/failing'),
      facts: { tool: 'place_order' },
      place: PLACE,
    });
  });

  test('to a channel that is no longer there is done, with a warning', async () => {
    const { channels, sent, warnings } = createChannels();
    await channels.deliver(anEntry(), deliveryTo('gone'), undefined);
    expect([sent.length, warnings.length]).toEqual([0, 1]);
  });

  test('is one that SQS takes, and a notice again, whatever names and texts are', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('', '\0', '\ufffe\uffff', '\ud800', '\u202e', 'a\r\nb', 'ü'.repeat(200_000), '😀'.repeat(1_000)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          kind: fc.constantFrom(...MESSAGE_KINDS),
          incident: text.map((id) => id || 'i'),
          cause: text,
          alarm: text,
          members: fc.array(text, { maxLength: 5 }),
        }),
        fc.uuid(),
        async (message, messageId) => {
          const { channels, sent } = createChannels();
          await channels.deliver(anEntry(aMessage(message)), deliveryTo('chat', message.alarm), undefined);
          await channels.forward(messageId, 'warning', message.alarm, message.cause, 5);
          const notices = sent.map(({ MessageBody = '' }) => noticeSchema.parse(JSON.parse(MessageBody)));
          expect(notices).toMatchObject([{ type: `incident.${message.kind}` }, { id: messageId, state: 'event' }]);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('leaves out facts, and then links, where it would be too large', () => {
    const notice = plainNotice(anEntry(), deliveryTo('chat'), PLACE);
    const large = toQueueMessage({ ...notice, facts: { note: 'x'.repeat(300_000) } });
    expect(JSON.parse(large)).toEqual({ ...notice, facts: {} });
    const links = [{ title: 'a', url: `https://a.example/${'x'.repeat(300_000)}` }];
    expect(JSON.parse(toQueueMessage({ ...notice, links }))).toMatchObject({ links: [], title: notice.title });
  });
});

test('a notice belongs to the thread of its incident with words and without, whatever the id is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 1_500 }), (incident) => {
      const entry = anEntry(aMessage({ incident }));
      const leading = { alarm: 'tool/place_order/failing', notification: '{}' };
      const { thread } = buildNotice(entry, leading, CONTEXT);
      expect(plainNotice(entry, deliveryTo('chat'), PLACE).thread).toBe(thread);
    }),
  );
});

test('what is no notification of an alarm goes to channels that are not about one tool or provider', async () => {
  const { channels, sent } = createChannels([
    aChannel(),
    aChannel({ tools: ['place_order'] }, 'tool'),
    aChannel({ severities: ['warning'] }, 'warnings'),
    aChannel({ tenants: ['acme'] }, 'acme'),
    aChannel({ types: ['notification'] }, 'others'),
  ]);
  await channels.forward(randomUUID(), 'critical', 'subject', 'text', 1);
  expect(sent.map(({ QueueUrl }) => QueueUrl)).toEqual(['https://sqs/chat.fifo', 'https://sqs/others.fifo']);
});
