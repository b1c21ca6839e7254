import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { removePermission, type TemplateEdit } from '../../local/template-edits.ts';
import { shortenWindows, withoutWarmUp } from '../support/notifier.ts';
import { type CloudEvents, prepareTemplate } from '../support/prepared-template.ts';
import { fireAlarm, fireCriticalAlarm, invoke } from '../support/through-cloud.ts';

/** What alarms fire reaches people through the notifier, or, when that does not work, directly. */
let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  template = await prepareTemplate();
});
afterAll(() => template?.clear());

/** Evaluates alarms as if so many minutes had passed since now. */
const startMinutes = (cloud: Cloud) => {
  const thisMinute = Math.floor(Date.now() / 60_000);
  return (...minutes: number[]) => {
    for (const later of minutes) cloud.alarms.evaluateAll((thisMinute + later) * 60_000);
  };
};
/** What messages about the alarms begin with that are fired here. */
const LOST = 'Calls are lost to the store';
const DROPPED = 'Lines or fields of calls are lost';
/** What people and the pager received, without the first states of alarms that publish to them directly. */
const received = ({ deliveries }: CloudEvents) =>
  deliveries.flatMap(({ protocol, endpoint, subject, outcome }) =>
    protocol === 'sqs' || outcome !== 'delivered' || subject.startsWith('OK: "')
      ? []
      : [`${protocol === 'https' ? 'pager' : endpoint}: ${subject}`],
  );
const receivedAbout = (events: CloudEvents, text: string) => received(events).filter((line) => line.includes(text));
const stateOf = (cloud: Cloud, name: string) => cloud.alarms.report().find((alarm) => alarm.name === name)?.state;
/** A scheduled run of the notifier, whose heartbeat has become a metric. */
const beat = async (cloud: Cloud) => {
  expect(await invoke(cloud, 'notify')).toMatchObject({ failed: false });
  await expect.poll(() => cloud.metrics.find('Toolwatch', 'notifier_heartbeat').length).toBeGreaterThan(0);
};
/** Runs the notifier, as its schedule does, until people and the pager have received so many messages about something. */
const beatUntilReceived = (cloud: Cloud, events: CloudEvents, text: string, count: number) =>
  expect
    .poll(async () => {
      await beat(cloud);
      return receivedAbout(events, text);
    })
    .toHaveLength(count);
const messagesIn = (cloud: Cloud, queue: string) =>
  Object.entries(cloud.sqs.report()).flatMap(([name, messages]) => (name.includes(queue) ? messages : []));

describe('while the notifier works', () => {
  test('each recipient gets one message about an alarm, and one that it is over, and the direct path is silent', async () => {
    await template.withEdit(shortenWindows, async (cloud, events) => {
      const evaluateAfter = startMinutes(cloud);
      await beat(cloud);
      evaluateAfter(2);
      expect(stateOf(cloud, 'pipeline/notifier-works')).toBe('ALARM');
      fireCriticalAlarm(cloud);
      evaluateAfter(3);
      const opened = /: ALARM: Calls are lost to the store, and are only in the log/;
      await expect.poll(() => receivedAbout(events, LOST)).toHaveLength(2);
      for (const message of receivedAbout(events, LOST)) expect(message).toMatch(opened);
      const pager = events.deliveries.find(({ protocol, subject }) => protocol === 'https' && subject.includes(LOST));
      expect(JSON.parse(pager?.message ?? '{}')).toMatchObject({
        AlarmName: 'pipeline/payloads-lost',
        NewStateValue: 'ALARM',
        Trigger: expect.anything(),
        incident: { kind: 'opened', severity: 'critical', members: ['pipeline/payloads-lost'] },
      });
      expect(stateOf(cloud, 'pipeline/direct-critical')).toBe('OK');

      // CloudWatch looks further back for data that is missing.
      evaluateAfter(15, 30, 60);
      await beatUntilReceived(cloud, events, ': OK: Quiet: Calls were being lost to the store', 2);
      await expect.poll(() => messagesIn(cloud, 'NotifyQueue')).toEqual([]);
      expect([events.refusals, events.losses]).toEqual([[], []]);
    });
  });

  test('a message that SNS refuses waits, and is sent once when SNS takes it', async () => {
    const withoutPublish: TemplateEdit = (...resources) => {
      removePermission('-notify', 'sns:Publish')(...resources);
      shortenWindows(...resources);
    };
    await template.withEdit(withoutPublish, async (cloud, events) => {
      fireAlarm(cloud);
      await expect
        .poll(async () => {
          await invoke(cloud, 'notify');
          return events.refusals.map(({ action }) => action);
        })
        .toContain('sns:Publish');
      await expect.poll(() => messagesIn(cloud, 'NotifyQueue')).toEqual([]);
      expect(receivedAbout(events, DROPPED)).toEqual([]);
      const { role } = cloud.lambda.functionOf('toolwatch-notify').latest.configuration;
      for (const topic of cloud.alarms.describe().flatMap(({ actions }) => actions.ALARM)) {
        const statement = { Effect: 'Allow' as const, Action: ['sns:Publish'], Resource: [topic], Condition: {} };
        cloud.iam.addResourcePolicy(topic, [{ ...statement, Principal: { AWS: [role] } }]);
      }
      await beat(cloud);
      await beatUntilReceived(cloud, events, DROPPED, 1);
      expect(receivedAbout(events, DROPPED)).toEqual([expect.stringMatching(/^tools@.*: ALARM: /)]);
      await beat(cloud);
      expect(receivedAbout(events, DROPPED)).toHaveLength(1);
    });
  });
});

describe('while the notifier does not work', () => {
  test('people get a page within five minutes of an outage, and are notified that it stopped', async () => {
    await template.withEdit(withoutWarmUp, async (cloud, events) => {
      const evaluateAfter = startMinutes(cloud);
      await beat(cloud);
      evaluateAfter(2);
      await cloud.lambda.remove('toolwatch-notify');
      fireCriticalAlarm(cloud);
      evaluateAfter(3, 4, 5, 6, 7);
      await expect
        .poll(() => received(events))
        .toContainEqual(expect.stringMatching(/^pager: ALARM: "pipeline\/direct-critical"/));
      expect(received(events)).toContainEqual(expect.stringMatching(/^pager: ALARM: "pipeline\/notifier-stopped"/));
      expect(received(events)).toContainEqual(
        expect.stringMatching(/^tools@example.com: ALARM: "pipeline\/notifier-stopped"/),
      );
    });
  });

  test('what alarms said waits in the queue until its state can be written', async () => {
    await template.withEdit(removePermission('-notify', 'dynamodb:PutItem'), async (cloud, events) => {
      fireAlarm(cloud);
      await expect.poll(() => events.refusals.map(({ action }) => action)).toContain('dynamodb:PutItem');
      expect(messagesIn(cloud, 'NotifyQueue').length).toBeGreaterThan(0);
      expect(receivedAbout(events, DROPPED)).toEqual([]);
      expect((await invoke(cloud, 'notify')).payload).toContain('dynamodb:PutItem');
      expect(cloud.metrics.find('Toolwatch', 'notifier_heartbeat')).toEqual([]);
    });
  });
});
