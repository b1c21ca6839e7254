import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { arnOf } from '../../emulator/place.ts';
import { type Settings, settingsFrom } from '../../lib/settings.ts';
import { createPagerduty } from '../../local/receivers/pagerduty.ts';
import type { Receiver } from '../../local/receivers/receiver.ts';
import { type Fault, serveReceiver } from '../../local/receivers/serve-receiver.ts';
import { createSlackWebhook } from '../../local/receivers/slack.ts';
import { createTeams } from '../../local/receivers/teams.ts';
import { createWebhook } from '../../local/receivers/webhook.ts';
import { removePermission, removePermissionOn, removeResource, type TemplateEdit } from '../../local/template-edits.ts';
import { aNotice, messagesIn, SIGNING_SECRET, sendToChannel } from '../support/exercise-channels.ts';
import { shortenWindows } from '../support/notifier.ts';
import notifyingTool from '../support/notifying-tool.ts';
import { type CloudEvents, prepareTemplate } from '../support/prepared-template.ts';
import { PLACE } from '../support/small-cloud.ts';
import { fireAlarm, invoke, OPERATOR } from '../support/through-cloud.ts';

/** Notices go from the notifier through the queues of channels to receivers that refuse what the real ones refuse. */

/** The alarm that `fireAlarm` lets fire. */
const FIRED = /Lines or fields of calls are lost/;
const ROUTING_KEY = 'a'.repeat(32);
/** Each is a channel of its own, with what is wrong with it at first. */
const FAULTS = {
  down: { kind: 'down' },
  busy: { kind: 'too-many', retryAfterSeconds: 2 },
  slow: { kind: 'hang' },
  broken: { kind: 'reset' },
  gone: { kind: 'status', status: 410 },
} as const satisfies Record<string, Fault>;

const MENDED = ['down', 'busy', 'slow', 'broken'];

const serve = (receiver: Receiver) => serveReceiver(receiver, template.certificate);
type Served = Awaited<ReturnType<typeof serve>>;

let template: Awaited<ReturnType<typeof prepareTemplate>>;
let receivers: Record<string, Served>;
/** The template with a channel to each of them. */
let deployed: ReturnType<typeof template.withSettings>;
beforeAll(async () => {
  template = await prepareTemplate({}, { tool: { ...notifyingTool, file: 'notifying-tool.ts' } });
  receivers = {
    chat: await serve(createSlackWebhook()),
    pager: await serve(createPagerduty(ROUTING_KEY)),
    flow: await serve(createTeams('message')),
  };
  for (const name of Object.keys(FAULTS)) receivers[name] = await serve(createWebhook(SIGNING_SECRET));
  deployed = template.withSettings(settings());
});
afterAll(async () => {
  await Promise.all(Object.values(receivers ?? {}).map(({ stop }) => stop()));
  await template?.clear();
});

const receiverOf = (name: string): Served => {
  const receiver = receivers[name];
  if (!receiver) throw new Error(`There is no receiver ${name}`);
  return receiver;
};
const shownBy = (name: string) => receiverOf(name).receiver.board.all();
const titlesAbout = (name: string) => shownBy(name).filter(({ title }) => FIRED.test(title));
const attemptsAt = (name: string) => receiverOf(name).attempts();

const settings = (): Partial<Settings> => ({
  alerts: settingsFrom({
    alerts: {
      critical: { emails: ['oncall@example.com'] },
      warning: { emails: ['tools@example.com'] },
      channels: [
        { name: 'chat', type: 'slack-webhook', allowPrivateAddresses: true },
        { name: 'pager', type: 'pagerduty', host: receiverOf('pager').host, allowPrivateAddresses: true },
        { name: 'flow', type: 'teams', allowPrivateAddresses: true },
        { name: 'nobody', type: 'webhook', tools: ['order_status'], allowPrivateAddresses: true },
        ...Object.keys(FAULTS).map((name) => ({ name, type: 'webhook' as const, allowPrivateAddresses: true })),
      ],
    },
  }).alerts,
});

const provideSecrets = (cloud: Cloud): void => {
  const provide = (name: string, value: string) =>
    cloud.secrets.provide(`toolwatch/CHANNEL_${name.toUpperCase()}`, value);
  provide('chat', receiverOf('chat').url);
  provide('pager', ROUTING_KEY);
  provide('flow', receiverOf('flow').url);
  for (const name of Object.keys(FAULTS)) {
    provide(name, JSON.stringify({ url: receiverOf(name).url, secrets: [SIGNING_SECRET] }));
  }
};

/** Runs the notifier, as its schedule does, until a channel shows something. */
const beatUntil = (cloud: Cloud, isTrue: () => boolean) =>
  expect
    .poll(
      async () => {
        await invoke(cloud, 'notify');
        return isTrue();
      },
      { timeout: 120_000 },
    )
    .toBe(true);

/** Mends a receiver as soon as a delivery to it has failed. */
const mendOnceMet = async (cloud: Cloud, name: string): Promise<void> => {
  const hasFailed = () =>
    cloud.logs.read('/toolwatch/calls').some(({ message }) => message.includes(`"name":"${name}"`));
  await expect.poll(hasFailed, { message: name, timeout: 120_000 }).toBe(true);
  await receiverOf(name).setFault(undefined);
};

const emailsAbout = ({ deliveries }: CloudEvents, text: string) =>
  deliveries.filter(({ protocol, subject }) => protocol === 'email' && subject.includes(text));

test('every channel gets what people are notified of, once, whatever is wrong with it for a while', async () => {
  for (const [name, fault] of Object.entries(FAULTS)) await receiverOf(name).setFault(fault);
  await receiverOf('flow').setFault({ kind: 'lose' });

  await deployed.withEdit(shortenWindows, async (cloud, events) => {
    provideSecrets(cloud);
    // What is no notice comes first, in the group of a good one.
    sendToChannel(cloud, 'chat', 'poison');
    sendToChannel(cloud, 'chat', JSON.stringify(aNotice()));
    await expect.poll(() => shownBy('chat').map(({ title }) => title)).toEqual([expect.stringMatching(/stock is low/)]);
    expect(messagesIn(cloud, 'dead-chat')).toEqual([
      expect.objectContaining({
        body: 'poison',
        attributes: { reason: expect.stringMatching(/^It is no notice/) },
      }),
    ]);

    const mended = Promise.all(MENDED.map((name) => mendOnceMet(cloud, name)));
    fireAlarm(cloud);
    await beatUntil(cloud, () => [...titlesAbout('chat'), ...titlesAbout('pager')].length === 2);
    expect(titlesAbout('chat')).toHaveLength(1);
    expect(emailsAbout(events, 'Lines or fields of calls')).toHaveLength(1);

    await mended;
    for (const name of MENDED) {
      await expect
        .poll(() => shownBy(name).map(({ title }) => title), { message: name, timeout: 120_000 })
        .toEqual([expect.stringMatching(FIRED)]);
      await expect.poll(() => messagesIn(cloud, `channel-${name}`), { message: name }).toEqual([]);
      expect(messagesIn(cloud, `dead-${name}`)).toEqual([]);
    }

    // A pause that was asked for is made; what was taken is not sent again, also where nobody has seen it.
    const [first, second] = attemptsAt('busy');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
    expect(attemptsAt('flow').map(({ status }) => status)).toEqual([202]);
    expect(messagesIn(cloud, 'channel-flow')).toEqual([]);
    expect(messagesIn(cloud, 'channel-nobody')).toEqual([]);

    // One that refuses for good is reported directly, and its notice is retained.
    await expect.poll(() => attemptsAt('gone').length).toBe(1);
    expect(messagesIn(cloud, 'channel-gone')).toHaveLength(1);
    expect(cloud.metrics.find('Toolwatch', 'channel_dead').map(({ dimensions }) => dimensions)).toEqual([
      { service: 'toolwatch', channel: 'gone' },
    ]);
    // The notifier says so every minute, for as long as it lasts.
    await expect
      .poll(
        async () => {
          await invoke(cloud, 'notify');
          cloud.alarms.evaluateAll((Math.floor(Date.now() / 60_000) + 1) * 60_000);
          return emailsAbout(events, 'ALARM: "channel/gone/dead"').length;
        },
        { timeout: 120_000 },
      )
      .toBe(2);

    // Every attempt is a record.
    await expect
      .poll(async () =>
        template.rows(`
          select name, success, coalesce(metadata ->> 'level', error_type) as ended, count(*)::int as attempts
          from analytics.invocations where kind = 'webhook' and name <> 'down' group by 1, 2, 3 order by 1, 2, 3`),
      )
      .toEqual([
        { name: 'broken', success: false, ended: 'econnreset', attempts: expect.any(Number) },
        { name: 'broken', success: true, ended: 'accepted', attempts: 1 },
        { name: 'busy', success: false, ended: 'http_429', attempts: expect.any(Number) },
        { name: 'busy', success: true, ended: 'accepted', attempts: 1 },
        { name: 'chat', success: true, ended: 'posted', attempts: 2 },
        { name: 'flow', success: true, ended: 'accepted', attempts: 1 },
        { name: 'gone', success: false, ended: 'http_410', attempts: 1 },
        { name: 'pager', success: true, ended: 'accepted', attempts: 1 },
        { name: 'slow', success: false, ended: 'timeout', attempts: expect.any(Number) },
        { name: 'slow', success: true, ended: 'accepted', attempts: 1 },
      ]);
    await invoke(cloud, 'refresh');
    const health = await template.rows('select webhook_id, health_status from analytics.v_webhook_health order by 1');
    expect(health).toContainEqual({ webhook_id: 'gone', health_status: 'disabled' });
    expect(health).toContainEqual({ webhook_id: 'chat', health_status: 'healthy' });
    const stored = JSON.stringify(await template.rows("select * from analytics.invocations where kind = 'webhook'"));
    for (const secret of [ROUTING_KEY, SIGNING_SECRET, receiverOf('chat').receiver.path]) {
      expect(stored).not.toContain(secret);
      expect(JSON.stringify(cloud.logs.read('/toolwatch/calls'))).not.toContain(secret);
    }
    expect([events.refusals, events.losses]).toEqual([[], []]);

    // A tool notifies people by itself, with the rights that its facts give it.
    const notify = async (args: object) => (await invoke(cloud, 'tool-notifying_tool', args)).payload;
    const subjects = () => emailsAbout(events, 'The stock is').map(({ subject }) => subject);
    const titlesOfTool = (name: string) =>
      shownBy(name).flatMap(({ title }) => /The stock is (empty|full)/.exec(title)?.[1] ?? []);
    expect(await notify({ title: 'The stock is empty' })).toContain('"isSent":true');
    await expect.poll(subjects).toEqual(['ALARM: The stock is empty']);
    for (const name of ['pager', 'chat', 'busy'])
      await expect.poll(() => titlesOfTool(name), { message: name }).toEqual(['empty']);
    expect(await notify({ title: 'The stock is full', resolve: true })).toContain('"isSent":true');
    await expect.poll(subjects).toEqual(['ALARM: The stock is empty', 'OK: The stock is full']);
    await expect.poll(() => titlesOfTool('busy')).toContain('full');
    expect([events.refusals, events.losses]).toEqual([[], []]);

    // Dead letters are delivered again on request; what is no notice comes back.
    const [dead, queue] = ['dead-chat', 'channel-chat'].map((name) => arnOf(PLACE, 'sqs', `toolwatch-${name}.fifo`));
    const late = JSON.stringify(aNotice({ title: 'Delivered late' }));
    cloud.sqs.send(OPERATOR, dead ?? '', late, {}, { group: 'late', deduplication: 'late' });
    cloud.sqs.moveMessages(OPERATOR, dead ?? '', queue);
    await expect.poll(() => shownBy('chat').filter(({ title }) => /Delivered late/.test(title)).length).toBe(1);
    await expect.poll(() => messagesIn(cloud, 'dead-chat').map(({ body }) => body)).toEqual(['poison']);
  });
}, 300_000);

describe('the report of a week', () => {
  const TITLE = /^🔵 Week of \d.*: no calls$/u;
  const reportsIn = (name: string) => shownBy(name).filter(({ title }) => title.includes('Week of'));
  const logOf = (cloud: Cloud, name: string) => cloud.logs.read(`/toolwatch/${name}`).map(({ message }) => message);

  test('is shown once in channels and mailed once, to no pager, however often it is started', async () => {
    await receiverOf('flow').setFault(undefined);
    await deployed.withEdit(shortenWindows, async (cloud, events) => {
      provideSecrets(cloud);
      expect(await invoke(cloud, 'report')).toMatchObject({ failed: false });
      await expect.poll(() => reportsIn('chat').map(({ title }) => title)).toEqual([expect.stringMatching(TITLE)]);
      await expect.poll(() => reportsIn('flow')).toHaveLength(1);
      await expect
        .poll(() => emailsAbout(events, 'Week of').map(({ endpoint }) => endpoint))
        .toEqual(['tools@example.com']);
      const [mail] = emailsAbout(events, 'Week of');
      expect(mail?.message).toMatch(/^Pages: none\. Warnings: none\.$/m);
      expect(mail?.message).toMatch(/^Monitoring: there was no self-check yet/m);

      expect(await invoke(cloud, 'report')).toMatchObject({ failed: false });
      await expect
        .poll(() => logOf(cloud, 'notify').filter((line) => /report of this week was taken already/.test(line)))
        .toHaveLength(1);
      await expect.poll(() => messagesIn(cloud, 'channel-pager')).toEqual([]);
      expect([reportsIn('chat'), emailsAbout(events, 'Week of')]).toEqual([[expect.anything()], [expect.anything()]]);
      expect(reportsIn('pager')).toEqual([]);
      expect([events.refusals, events.losses]).toEqual([[], []]);

      await cloud.lambda.remove('toolwatch-api');
      const { failed, payload } = await invoke(cloud, 'report');
      expect({ failed, why: JSON.parse(payload).errorMessage }).toEqual({
        failed: true,
        why: expect.stringMatching(/^toolwatch-api did not answer \/v1\/reports\/week: /),
      });
    });
  });

  test('says when it may not ask the api, by an alarm, once every attempt has failed', async () => {
    const withoutRetries: TemplateEdit = (resources) => {
      shortenWindows(resources);
      removePermission('-report', 'lambda:InvokeFunction')(resources);
      for (const { Type, Properties } of Object.values(resources)) {
        if (Type === 'AWS::Lambda::EventInvokeConfig') Properties.MaximumRetryAttempts = 0;
      }
    };
    const before = reportsIn('chat').length;
    await deployed.withEdit(withoutRetries, async (cloud, events) => {
      provideSecrets(cloud);
      cloud.alarms.evaluateAll(Math.floor(Date.now() / 60_000) * 60_000);
      cloud.lambda.enqueue({ principal: OPERATOR, function: 'toolwatch-report', event: '{}' });
      const isGivenUp = () => cloud.metrics.find('AWS/Lambda', 'AsyncEventsDropped').length > 0;
      await expect.poll(isGivenUp).toBe(true);
      cloud.alarms.evaluateAll((Math.floor(Date.now() / 60_000) + 2) * 60_000);
      await beatUntil(cloud, () => emailsAbout(events, 'The report of this week was not sent').length === 1);
      expect(reportsIn('chat')).toHaveLength(before);
      expect(emailsAbout(events, 'Week of')).toEqual([]);
    });
  });
});

test('without the right to read the queue of a channel, a deployment is refused', async () => {
  const edit = removePermissionOn('-deliver', 'sqs:ReceiveMessage', 'ChannelsbusyQueue');
  await expect(deployed.withEdit(edit)).rejects.toThrow('sqs:GetQueueAttributes');
});

/** What is cut, by the channel whose it is; and the log of what delivers, in which it would say so. */
const cutLinks: TemplateEdit = (resources) => {
  shortenWindows(resources);
  const queueOf = (name: string) => `Channels${name}Queue`;
  removeResource('AWS::Lambda::EventSourceMapping', queueOf('busy'))(resources);
  removePermissionOn('-deliver', 'secretsmanager:GetSecretValue', 'CHANNEL_SLOW')(resources);
  removePermissionOn('-deliver', 'sqs:SendMessage', 'ChannelsbrokenDeadLetters')(resources);
  removePermissionOn('-notify', 'sqs:SendMessage', queueOf('down'))(resources);
  removePermission('-deliver', 'logs:PutLogEvents')(resources);
};

test('each link of a channel that is cut leaves its notices where an alarm counts them', async () => {
  for (const name of MENDED) await receiverOf(name).setFault(undefined);
  await deployed.withEdit(cutLinks, async (cloud, events) => {
    provideSecrets(cloud);
    const shownOn = (names: readonly string[]) => names.map((name) => titlesAbout(name).length);
    const cut = ['busy', 'slow', 'down'];
    const before = shownOn(cut);
    const [inChat = 0] = shownOn(['chat']);
    sendToChannel(cloud, 'broken', 'poison');
    fireAlarm(cloud);
    await beatUntil(cloud, () => titlesAbout('chat').length > inChat);
    const actions = () => new Set(events.refusals.map(({ action }) => action));
    await expect
      .poll(
        async () => {
          await invoke(cloud, 'notify');
          return cloud.metrics.find('Toolwatch', 'channel_unsent_seconds').map(({ dimensions }) => dimensions.channel);
        },
        { timeout: 60_000 },
      )
      .toEqual(['down']);
    await expect.poll(() => actions(), { timeout: 60_000 }).toContain('secretsmanager:GetSecretValue');
    for (const name of ['busy', 'slow', 'broken']) expect(messagesIn(cloud, `channel-${name}`), name).not.toEqual([]);
    expect(shownOn(cut)).toEqual(before);

    const age = { namespace: 'AWS/SQS', name: 'ApproximateAgeOfOldestMessage' };
    for (const name of ['busy', 'slow', 'broken'])
      cloud.metrics.put({ ...age, dimensions: { QueueName: `toolwatch-channel-${name}.fifo` } }, 601);
    cloud.metrics.put(
      { namespace: 'Toolwatch', name: 'channel_unsent_seconds', dimensions: { service: 'toolwatch', channel: 'down' } },
      601,
    );
    const at = Math.floor(Date.now() / 300_000) * 300_000;
    for (const minutes of [5, 10]) cloud.alarms.evaluateAll(at + minutes * 60_000);
    const firing = cloud.alarms
      .report()
      .flatMap(({ name, history }) =>
        name.endsWith('/waiting') && history.some(({ to }) => to === 'ALARM') ? [name] : [],
      );
    expect(firing.sort()).toEqual(['broken', 'busy', 'down', 'slow'].map((name) => `channel/${name}/waiting`));
  });
}, 300_000);
