import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { settingsFrom } from '../../lib/settings.ts';
import { serveReceiver } from '../../local/receivers/serve-receiver.ts';
import { createSlackWebhook } from '../../local/receivers/slack.ts';
import { removePermission, removeResource, type TemplateEdit } from '../../local/template-edits.ts';
import { shortenWindows, withoutWarmUp } from '../support/notifier.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { invoke, request } from '../support/through-cloud.ts';

/** What of the monitoring is off becomes an incident like everything else, and is over when it is mended. */

const { alarms } = settingsFrom({ alarms: { warmUpMinutes: 0 } });
let template: Awaited<ReturnType<typeof prepareTemplate>>;
let chat: Awaited<ReturnType<typeof serveReceiver>>;
beforeAll(async () => {
  template = await prepareTemplate({
    alarms,
    alerts: settingsFrom({
      alerts: {
        critical: { emails: ['oncall@example.com'] },
        warning: { emails: ['tools@example.com'] },
        channels: [{ name: 'chat', type: 'slack-webhook', allowPrivateAddresses: true }],
      },
    }).alerts,
  });
  chat = await serveReceiver(createSlackWebhook(), template.certificate);
});
afterAll(() => Promise.all([chat?.stop(), template?.clear()]));

/** As somebody does by hand: an alarm's actions off, a subscription gone, nobody left to get critical notifications. */
const switchOff: TemplateEdit = (resources) => {
  shortenWindows(resources);
  for (const { Properties } of Object.values(resources))
    if (Properties.AlarmName === 'pipeline/gateway-failing') Properties.ActionsEnabled = false;
  removeResource('AWS::Logs::SubscriptionFilter', '"incidents"')(resources);
  removeResource('AWS::SNS::Subscription', 'oncall@example.com')(resources);
};

const runCheck = async (cloud: Cloud): Promise<string[]> =>
  JSON.parse((await invoke(cloud, 'self-check')).payload).findings.sort();

test('what is switched off is found, notified with what to do, and over when it is mended', async () => {
  await template.withEdit(switchOff, async (cloud, { deliveries, refusals }) => {
    cloud.secrets.provide('toolwatch/CHANNEL_CHAT', chat.url);
    const hour = 3_600_000;
    const thisHour = Math.floor(Date.now() / hour);
    const evaluateAt = (...hours: number[]) => {
      for (const end of hours) cloud.alarms.evaluateAll(end * hour);
    };
    evaluateAt(thisHour); // every alarm is OK
    expect(await runCheck(cloud)).toEqual([
      'actions/pipeline/gateway-failing',
      'recipients/critical',
      'subscription/incidents',
    ]);
    expect(refusals).toEqual([]);
    const nextHour = Math.ceil(Date.now() / hour);
    // The check may have run in the last seconds of an hour.
    for (let end = thisHour + 1; end <= nextHour; end += 1) evaluateAt(end);
    const direct = () => deliveries.filter(({ message }) => message.includes('recipients/critical'));
    // Those of warnings get it although nobody gets critical notifications.
    await expect.poll(() => direct().map(({ endpoint }) => endpoint)).toContain('tools@example.com');

    const shown = async () => {
      await invoke(cloud, 'notify');
      return chat.receiver.board.all().map(({ title, lines }) => [title, ...lines].join('\n'));
    };
    const expectShown = (text: string) =>
      expect.poll(async () => (await shown()).filter((message) => message.includes(text)).length, { timeout: 60_000 });
    await expectShown('Do: aws cloudwatch enable-alarm-actions --alarm-names pipeline/gateway-failing').toBe(1);
    await expectShown('Somebody does not get critical notifications').toBe(1);

    // Nothing is written of what is not found any more.
    evaluateAt(nextHour + 3, nextHour + 4);
    await expectShown('Somebody was not getting critical notifications').toBe(1);
    const ends = deliveries.filter(({ protocol, subject }) => protocol === 'email' && subject.startsWith('OK: '));
    expect(ends.map(({ endpoint }) => endpoint)).toContain('tools@example.com');
  });
});

/** What is found where the self-check may not do this, and no more. */
const SELF_CHECK_READS = {
  'cloudwatch:GetMetricData': 'check/schedules',
  'logs:DescribeSubscriptionFilters': 'check/subscriptions',
  'cloudwatch:DescribeAlarms': 'check/actions-of-alarms',
  'sns:ListSubscriptionsByTopic': 'check/recipients',
  'cloudwatch:ListAlarmMuteRules': 'check/mutes',
};
/** What the operator asks for, with what AWS refuses then. */
const OPERATIONS = [
  ['cloudwatch:DescribeAlarms', request('GET', '/v1/alarms')],
  ['cloudwatch:DescribeAlarms', request('GET', '/v1/mutes')],
  ['dynamodb:GetItem', request('GET', '/v1/drill')],
  ['sqs:SendMessage', request('POST', '/v1/notify', { title: 'It is late' })],
] as const;

/** Takes from the self-check and the function operate everything that they read and write. */
const takeRights: TemplateEdit = (resources) => {
  withoutWarmUp(resources);
  for (const action of [...Object.keys(SELF_CHECK_READS), 'logs:PutLogEvents'])
    removePermission('-self-check', action)(resources);
  for (const action of new Set(OPERATIONS.map(([refused]) => refused))) removePermission('-operate', action)(resources);
};

test('what the self-check and the operator may not read or do is said, and so is that the self-check is mute', async () => {
  await template.withEdit(takeRights, async (cloud) => {
    expect(await runCheck(cloud)).toEqual(Object.values(SELF_CHECK_READS).sort());
    // Its findings are no metrics, so the alarm on them knows of none.
    expect(cloud.metrics.find('Toolwatch', 'monitoring_off')).toEqual([]);
    const thisHour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    for (let hour = 0; hour <= 5; hour += 1) {
      const at = thisHour + hour * 3_600_000;
      const dimensions = { FunctionName: 'toolwatch-self-check' };
      cloud.metrics.put({ namespace: 'AWS/Lambda', name: 'Invocations', dimensions }, 1, at);
      cloud.alarms.evaluateAll(at);
    }
    const unchecked = cloud.alarms.report().find(({ name }) => name === 'monitoring/unchecked');
    expect(unchecked?.state).toBe('ALARM');

    for (const [action, event] of OPERATIONS) {
      const { statusCode, body } = JSON.parse((await invoke(cloud, 'operate', event)).payload);
      expect([statusCode, JSON.parse(body).detail], action).toEqual([
        500,
        expect.stringMatching(/the log of the function operate has the reason/i),
      ]);
    }
    const lines = cloud.logs.read('/toolwatch/operate').map(({ message }) => message);
    for (const [action] of OPERATIONS) expect(lines.join('\n')).toContain(`perform: ${action}`);
    // What was tried and not done is in the audit.
    expect(lines.filter((line) => line.includes('"success":false'))).toHaveLength(1);
  });
});
