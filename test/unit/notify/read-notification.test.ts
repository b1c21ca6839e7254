import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitNotification } from '../../../lambdas/notify/notifications/fit-notification.ts';
import { type Inbox, readNotification } from '../../../lambdas/notify/notifications/read-notification.ts';
import { ALARM_NOTIFICATIONS, anEnvelope, INBOX_TOPIC } from './alarm-notifications.ts';
import { aCustomNotice, anyCustomNotice } from './events/a-custom-notice.ts';
import { ALARM_EVENTS, aShiftEvent, aStackEvent } from './events/aws-events.ts';

const inbox: Inbox = {
  severities: { [INBOX_TOPIC.critical]: 'critical', [INBOX_TOPIC.warning]: 'warning' },
  alarmPrefix: 'shop/',
  customNotices: 'arn:custom',
};
const readBody = (body: string) => readNotification({ messageId: 'm', body }, inbox);
const readMessage = (message: unknown, topic?: string) => readBody(anEnvelope(JSON.stringify(message), topic));

describe('a notification of an alarm', () => {
  test.each(Object.entries(ALARM_NOTIFICATIONS))('of the kind %s is a change of its state', (kind, notification) => {
    const read = readMessage(notification);
    const name = kind === 'contributor' ? 'fleet/failing/order_status' : notification.AlarmName;
    expect(read).toMatchObject({
      kind: 'change',
      change: { alarm: name, severity: 'critical', state: 'ALARM', at: Date.UTC(2026, 10, 20, 22, 14, 3, 120) },
    });
  });

  test('has the severity of its topic, and no prefix of the deployment', () => {
    const read = readMessage({ ...ALARM_NOTIFICATIONS.metric, AlarmName: 'shop/tool/a/slow' }, INBOX_TOPIC.warning);
    expect(read).toMatchObject({ change: { alarm: 'tool/a/slow', severity: 'warning' } });
  });

  test('that is a new alarm’s first state is ignored when all is well, and only then', () => {
    const { metric } = ALARM_NOTIFICATIONS;
    expect(readMessage({ ...metric, OldStateValue: 'INSUFFICIENT_DATA', NewStateValue: 'OK' }).kind).toBe(
      'first state',
    );
    expect(readMessage({ ...metric, OldStateValue: 'INSUFFICIENT_DATA' })).toMatchObject({
      change: { state: 'ALARM' },
    });
    expect(readMessage({ ...metric, NewStateValue: 'INSUFFICIENT_DATA' })).toMatchObject({ change: { state: 'OK' } });
  });

  test('that publishes only its end to the inbox is passed on as it came, but not that it is new', () => {
    const over = {
      ...ALARM_NOTIFICATIONS.metric,
      OldStateValue: 'ALARM',
      NewStateValue: 'OK',
      AlarmActions: ['arn:aws:sns:us-east-1:123456789012:people'],
    };
    expect(readMessage(over)).toMatchObject({ kind: 'other', severity: 'critical', text: JSON.stringify(over) });
    expect(readMessage({ ...over, OldStateValue: 'INSUFFICIENT_DATA' })).toEqual({ kind: 'first state' });
    expect(readMessage({ ...over, AlarmActions: [INBOX_TOPIC.critical] }).kind).toBe('change');
  });

  test('without a readable time changed when it was published', () => {
    const read = readMessage({ ...ALARM_NOTIFICATIONS.metric, StateChangeTime: 'yesterday' });
    expect(read).toMatchObject({ change: { at: Date.UTC(2026, 10, 20, 22, 14, 4) } });
  });
});

describe('an event of EventBridge', () => {
  test.each(Object.entries(ALARM_EVENTS))('of an alarm (%s) is a change of its state', (kind, event) => {
    const names = { contributor: 'tools/trickle/order_status', composite: 'pipeline/store-down' };
    expect(readBody(JSON.stringify(event))).toMatchObject({
      kind: 'change',
      change: {
        alarm: names[kind as keyof typeof names] ?? 'tool/order_status/failing',
        // As its description says; of another alarm it may be the worst.
        severity: kind === 'composite' ? 'critical' : 'warning',
        state: 'ALARM',
        at: Date.UTC(2026, 10, 20, 22, 14, 3, 120),
      },
    });
  });

  test('of an alarm that is new is its first state', () => {
    const { detail, ...event } = ALARM_EVENTS.metric;
    const first = { ...detail, state: { value: 'OK' }, previousState: { value: 'INSUFFICIENT_DATA' } };
    expect(readBody(JSON.stringify({ ...event, detail: first }))).toEqual({ kind: 'first state' });
  });

  test('of a stack or of a shift is about a deployment', () => {
    const at = Date.UTC(2026, 10, 20, 22, 0, 7);
    const reason = 'because';
    expect(readBody(JSON.stringify(aStackEvent('UPDATE_ROLLBACK_IN_PROGRESS', 7, 'ToolwatchApp', reason)))).toEqual({
      kind: 'deployment',
      event: { kind: 'stack', stack: 'ToolwatchApp', phase: 'failed', reason, at },
    });
    expect(readBody(JSON.stringify(aShiftEvent('FAILURE', 7)))).toEqual({
      kind: 'deployment',
      event: { kind: 'shift stopped', tool: 'order_status', at },
    });
  });

  test.each([
    ['a status that is not known', aStackEvent('UPDATE_PONDERING')],
    ['a time that is none', { ...aStackEvent('UPDATE_COMPLETE'), time: 'yesterday' }],
    ['another source', { ...aStackEvent('UPDATE_COMPLETE'), source: 'aws.ec2' }],
    ['another kind', { ...aStackEvent('UPDATE_COMPLETE'), 'detail-type': 'CloudFormation Resource Status Change' }],
    ['a stack that has no name', { ...aStackEvent('UPDATE_COMPLETE'), detail: { 'stack-id': 'x' } }],
    ['a state of a shift that is not known', aShiftEvent('PONDERING')],
  ])('is forwarded whole with %s', (_, event) => {
    const text = JSON.stringify(event);
    expect(readBody(text)).toMatchObject({ kind: 'other', text });
  });
});

describe('a message in the queue of custom notices', () => {
  const readCustom = (body: string) => readNotification({ messageId: 'm', body, eventSourceARN: 'arn:custom' }, inbox);

  test('is a custom notice, and nowhere else is one', () => {
    const body = JSON.stringify(aCustomNotice());
    expect(readCustom(body)).toEqual({ kind: 'custom', notice: aCustomNotice() });
    expect(readBody(body)).toMatchObject({ kind: 'other', text: body });
    fc.assert(
      fc.property(anyCustomNotice, (notice) => {
        expect(readCustom(JSON.stringify(notice)).kind).toBe('custom');
      }),
    );
  });

  test('is nothing else, whatever it looks like', () => {
    for (const forged of [
      anEnvelope(JSON.stringify(ALARM_NOTIFICATIONS.metric)),
      JSON.stringify(ALARM_EVENTS.metric),
      JSON.stringify(aStackEvent('UPDATE_COMPLETE')),
    ])
      expect(readCustom(forged)).toMatchObject({ kind: 'other', severity: 'warning', text: forged });
  });
});

describe('anything else', () => {
  test.each([
    ['words', 'disk is full'],
    ['an empty message', ''],
    ['JSON of another shape', '{"source":"aws.codedeploy","detail":{}}'],
    ['an alarm without a name', JSON.stringify({ ...ALARM_NOTIFICATIONS.metric, AlarmName: '' })],
    ['an alarm with an unknown state', JSON.stringify({ ...ALARM_NOTIFICATIONS.metric, NewStateValue: 'PANIC' })],
    [
      'a contributor that is no text',
      JSON.stringify({ ...ALARM_NOTIFICATIONS.metric, AlarmContributorAttributes: { a: 1 } }),
    ],
  ])('is forwarded whole: %s', (_, text) => {
    expect(readBody(anEnvelope(text, INBOX_TOPIC.warning))).toMatchObject({ kind: 'other', severity: 'warning', text });
  });

  test('that came through no inbox topic may be the worst', () => {
    expect(readBody('hello')).toEqual({ kind: 'other', severity: 'critical', subject: '', text: 'hello' });
    for (const topic of ['arn:other', 'constructor', '__proto__']) {
      expect(readMessage(ALARM_NOTIFICATIONS.metric, topic)).toMatchObject({ change: { severity: 'critical' } });
    }
  });

  test('whatever a message is, and wherever one is cut, it is read and nothing of it is lost', () => {
    const cutNotifications = fc
      .tuple(
        fc.constantFrom<object>(
          ...Object.values(ALARM_NOTIFICATIONS),
          ...Object.values(ALARM_EVENTS),
          aStackEvent('UPDATE_COMPLETE'),
          aShiftEvent('FAILURE'),
          aCustomNotice(),
        ),
        fc.double({ min: 0, max: 1, noNaN: true }),
      )
      .map(([notification, share]) => {
        const json = JSON.stringify(notification);
        return json.slice(0, Math.floor(json.length * share));
      });
    const texts = fc.oneof(cutNotifications, fc.string({ unit: 'binary' }), fc.json());
    fc.assert(
      fc.property(texts, fc.boolean(), (text, isWrapped) => {
        const read = readBody(isWrapped ? anEnvelope(text) : text);
        if (read.kind !== 'other') return;
        expect(read.text).toBe(isWrapped ? JSON.parse(anEnvelope(text)).Message : text);
      }),
      { numRuns: 300 },
    );
  });
});

test('what is stored of a notification is bounded, still names its alarm, and is complete when it is short', () => {
  const { metric, log } = ALARM_NOTIFICATIONS;
  expect(fitNotification(JSON.stringify(metric))).toBe(JSON.stringify(metric));
  const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }).map((text) => text.repeat(500));
  fc.assert(
    fc.property(texts, (text) => {
      for (const notification of [
        { ...log, NewStateReason: text },
        { ...metric, Extra: Array.from({ length: 200 }, () => ({ text })), AlarmContributorAttributes: { a: text } },
      ]) {
        const fitted = fitNotification(JSON.stringify(notification));
        expect(Buffer.byteLength(fitted)).toBeLessThanOrEqual(16_384);
        expect(JSON.parse(fitted)).toMatchObject({ AlarmName: notification.AlarmName, NewStateValue: 'ALARM' });
      }
    }),
    { numRuns: 20 },
  );
});
