import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPublishRequest } from '../../../emulator/sns/publish-request.ts';
import { MESSAGE_KINDS } from '../../../lambdas/contract/incident-line.ts';
import type { TopicDelivery } from '../../../lambdas/notify/outbox/deliveries.ts';
import type { OutboxMessage } from '../../../lambdas/notify/outbox/outbox.ts';
import { formatEmail } from '../../../lambdas/notify/publish/email.ts';
import { formatPagerMessage } from '../../../lambdas/notify/publish/pager.ts';
import { plainContent, richContent, unknownContent } from '../../../lambdas/notify/publish/publish.ts';
import { publishMessages } from '../../../lambdas/notify/publish/publish-messages.ts';
import { buildNotice } from '../../../lambdas/notify/words/build-notice.ts';
import { ALARM_NOTIFICATIONS } from './alarm-notifications.ts';
import { CONTEXT } from './words/a-message.ts';

const SINCE = Date.UTC(2026, 10, 20, 22, 14, 3, 120);

const aMessage = (more: Partial<OutboxMessage['message']> = {}): OutboxMessage => ({
  id: 'id',
  writtenAt: SINCE,
  claimedUntil: 0,
  deliveries: [],
  message: {
    kind: 'opened',
    incident: '7F3K',
    cause: 'tool/order_status',
    severity: 'critical',
    alarm: 'tool/order_status/failing',
    members: ['tool/order_status/failing', 'fleet/failing/order_status'],
    since: SINCE,
    at: SINCE + 29 * 60_000,
    ...more,
  },
});
const aDelivery = (notification: object = ALARM_NOTIFICATIONS.metric): TopicDelivery => ({
  channel: 'topic',
  severity: 'critical',
  attempts: 0,
  alarm: 'tool/order_status/failing',
  notification: JSON.stringify(notification),
});

/** The notice of a message, as the recipients of this delivery get it. */
const noticeOf = (message: OutboxMessage, delivery: TopicDelivery) => buildNotice(message, delivery, CONTEXT);
const emailOf = (message: OutboxMessage, delivery = aDelivery()) => formatEmail(noticeOf(message, delivery));
const pageOf = (message: OutboxMessage, delivery = aDelivery()) =>
  JSON.parse(formatPagerMessage(message, delivery, noticeOf(message, delivery)));

describe('a message by e-mail', () => {
  test('says first what is wrong, then what is known, what to do, and where to read on', () => {
    const { subject, text } = emailOf(aMessage());
    expect(subject).toBe('ALARM: order_status fails more often than allowed since 22:14 UTC');
    const [first, empty, ...lines] = text.split('\n');
    expect([first, empty]).toEqual(['order_status fails more often than allowed since 22:14 UTC', '']);
    expect(lines).toEqual([
      'More than 5 % of calls fail.',
      expect.stringMatching(/^Do: /),
      'CloudWatch: Threshold Crossed: 2 out of the last 4 datapoints were greater than the threshold (0.05).',
      'Without figures, changes and earlier incidents, because the store was not asked.',
      'Owner: shop. Alarms: tool/order_status/failing, fleet/failing/order_status',
      'Mute: npx toolwatch mute tool order_status --for 1h --reason "…"',
      '',
      expect.stringMatching(/^The calls: https:/),
      'Runbook: https://wiki.example.com/runbook#toolfailing',
      expect.stringMatching(/^Dashboard: https:/),
      '',
      'critical · toolwatch · account 123456789012 · eu-central-1 · incident 7F3K',
    ]);
  });

  test('says of its end what is over and for how long it lasted', () => {
    const { subject, text } = emailOf(aMessage({ kind: 'over' }));
    expect(subject).toBe('OK: order_status was failing 22:14-22:43 UTC (29 min)');
    expect(text).not.toContain('More than 5 %');
  });

  test('does not call over what only became quiet', () => {
    const quiet = aMessage({ kind: 'quiet' });
    expect(emailOf(quiet).subject).toMatch(/^OK: Quiet: order_status was failing .*; nothing proves that it is over$/);
    expect(pageOf(quiet)).toMatchObject({
      NewStateValue: 'OK',
      NewStateReason: expect.stringContaining('nothing proves that it is over'),
    });
  });

  test.each([
    ['escalated', 'ALARM: Now critical: order_status'],
    ['reopened', 'ALARM: Again: order_status'],
    ['repeated', 'ALARM: Still, after 29 min: order_status'],
  ] as const)('of the kind %s says so', (kind, subject) => {
    expect(emailOf(aMessage({ kind })).subject).toMatch(subject);
  });
});

describe('a message to a pager', () => {
  test('is the alarm’s notification, as CloudWatch wrote it, with the incident and what is known about it', () => {
    const notice = noticeOf(aMessage(), aDelivery());
    expect(pageOf(aMessage())).toEqual({
      ...ALARM_NOTIFICATIONS.metric,
      facts: notice.facts,
      incident: {
        id: '7F3K',
        kind: 'opened',
        title: notice.title,
        cause: 'tool/order_status',
        severity: 'critical',
        members: ['tool/order_status/failing', 'fleet/failing/order_status'],
        members_total: 2,
        since: '2026-11-20T22:14:03.120Z',
      },
    });
  });

  test('ends the incident under the name that it began with', () => {
    expect(pageOf(aMessage({ kind: 'over', alarm: 'another' }))).toMatchObject({
      AlarmName: 'tool/order_status/failing',
      NewStateValue: 'OK',
      OldStateValue: 'ALARM',
      StateChangeTime: '2026-11-20T22:43:03.120+0000',
    });
  });

  test('of one contributor has the contributor in its name, so that a pager takes no two for one', () => {
    const page = pageOf(aMessage(), aDelivery(ALARM_NOTIFICATIONS.contributor));
    expect(page.AlarmName).toBe('fleet/failing/order_status');
    expect(page.AlarmArn).toMatch(/:alarm:.*\/order_status$/);
  });

  test('names the alarm also where its notification is not remembered', () => {
    const page = pageOf(aMessage(), { ...aDelivery(), notification: '' });
    expect(page).toMatchObject({
      AlarmName: 'tool/order_status/failing',
      NewStateValue: 'ALARM',
      Region: 'eu-central-1',
    });
  });
});

describe('whatever a message says', () => {
  const toForm = (content: object) => new URLSearchParams(content as Record<string, string>);
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('\0', '\r\nBcc: a@example.com', '\u202egnp', '🔴', '\ud800', 'ü'.repeat(300), 'x'.repeat(200_000)),
  );
  const messages = fc.record({
    kind: fc.constantFrom(...MESSAGE_KINDS),
    cause: nasty,
    alarm: nasty,
    incident: nasty,
    members: fc.array(nasty, { maxLength: 100 }).map((members) => members.map((member) => member.slice(0, 300))),
  });
  const notifications = fc.record({
    AlarmName: nasty,
    AlarmDescription: fc.oneof(nasty, fc.constant(null)),
    NewStateValue: fc.constantFrom('ALARM', 'OK', 'INSUFFICIENT_DATA'),
    NewStateReason: nasty,
    AlarmContributorAttributes: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.constant(null)),
  });
  const cut = <Value>(value: Value): Value =>
    JSON.parse(JSON.stringify(value), (_, inner) => (typeof inner === 'string' ? inner.slice(0, 1_000) : inner));

  test('SNS accepts it, people see it as it is, and its subject is one line of ASCII', () => {
    fc.assert(
      fc.property(messages, notifications, (message, notification) => {
        const delivery = aDelivery(cut(notification));
        const entry = aMessage(cut(message));
        const { byProtocol, subject } = readPublishRequest(
          toForm(richContent(entry, delivery, noticeOf(entry, delivery))),
        );
        expect(subject).toMatch(/^(ALARM|OK): [ -~]{0,95}$/);
        expect(byProtocol?.email).not.toMatch(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u);
        expect(() => JSON.parse(byProtocol?.default ?? '')).not.toThrow();
        readPublishRequest(toForm(plainContent(entry, delivery)));
      }),
      { numRuns: 200 },
    );
  });

  test('what is forwarded is accepted as well, and unchanged when SNS can carry it', () => {
    fc.assert(
      fc.property(nasty, nasty, (subject, text) => {
        const published = readPublishRequest(toForm(unknownContent(subject, text)));
        expect(published.message).not.toBe('');
        if (/^[\t\n -~]+$/.test(text)) expect(published.message).toBe(text);
      }),
    );
    const large = readPublishRequest(toForm(unknownContent('', '€'.repeat(200_000))));
    expect(Buffer.byteLength(large.message)).toBeGreaterThan(262_000);
  });

  test('an alarm that is passed on is words in a mail, and CloudWatch’s own for a pager', () => {
    const notification = JSON.stringify({ ...ALARM_NOTIFICATIONS.metric, NewStateValue: 'OK' });
    const { Message = '', MessageStructure } = unknownContent('OK: "a" in US East', notification);
    expect(MessageStructure).toBe('json');
    expect(JSON.parse(Message)).toEqual({
      default: notification,
      email: [
        'tool/order_status/failing is over. It was: More than 5 % of calls fail.',
        'CloudWatch says: Threshold Crossed: 2 out of the last 4 datapoints were greater than the threshold (0.05).',
        'Runbook: docs/runbook.md#tool',
        'Owner: shop',
      ].join('\n'),
    });
  });
});

test('what has waited longest is published first, with what must follow it', async () => {
  const delivered: string[] = [];
  const messages = ['a', 'b', 'c', 'a', 'd', 'c'].map((incident, index) => ({
    ...aMessage({ incident }),
    id: `${incident}${index}`,
    deliveries: [{ ...aDelivery(), alarm: incident === 'd' ? 'c' : incident }],
  }));
  await publishMessages(messages, {
    publisher: { deliver: async ({ id }) => void delivered.push(id) },
    ...{ channels: { deliver: async () => true }, findNotice: () => undefined, logger: { warn: () => {} } },
    ...{ now: () => 0, until: 1 },
  });
  expect(delivered.slice(0, 3)).toEqual(['a0', 'b1', 'c2']);
  expect(delivered.filter((id) => /[cd]/.test(id))).toEqual(['c2', 'd4', 'c5']);
});
