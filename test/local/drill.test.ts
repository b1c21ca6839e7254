import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import type { DrillAnswer } from '../../lambdas/contract/drill.ts';
import { settingsFrom } from '../../lib/settings.ts';
import { serveReceiver } from '../../local/receivers/serve-receiver.ts';
import { createSlackWebhook } from '../../local/receivers/slack.ts';
import { createTeams } from '../../local/receivers/teams.ts';
import { createWebhook } from '../../local/receivers/webhook.ts';
import { removeResources } from '../../local/template-edits.ts';
import { aNotice, SIGNING_SECRET, sendToChannel } from '../support/exercise-channels.ts';
import { shortenWindows } from '../support/notifier.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { invoke, OPERATOR } from '../support/through-cloud.ts';

/** A new alarm does not page during its warm-up; a drill runs long after it. */
const { alarms } = settingsFrom({ alarms: { warmUpMinutes: 0 } });
let template: Awaited<ReturnType<typeof prepareTemplate>>;
let served: Record<'chat' | 'flow' | 'lost', Awaited<ReturnType<typeof serveReceiver>>>;
beforeAll(async () => {
  template = await prepareTemplate({
    alarms,
    drill: { at: 'cron(0 10 ? * TUE *)', timeoutSeconds: 14 },
    alerts: settingsFrom({
      alerts: {
        critical: { emails: ['oncall@example.com'] },
        warning: { emails: ['tools@example.com'] },
        channels: [
          { name: 'chat', type: 'slack-webhook', allowPrivateAddresses: true },
          {
            name: 'flow',
            type: 'teams',
            severities: ['warning'],
            tools: ['order_status'],
            allowPrivateAddresses: true,
          },
          { name: 'lost', type: 'webhook', allowPrivateAddresses: true },
        ],
      },
    }).alerts,
  });
  const { certificate } = template;
  served = {
    chat: await serveReceiver(createSlackWebhook(), certificate),
    flow: await serveReceiver(createTeams('message'), certificate),
    lost: await serveReceiver(createWebhook(SIGNING_SECRET), certificate),
  };
});
afterAll(async () => {
  await Promise.all(Object.values(served ?? {}).map(({ stop }) => stop()));
  await template?.clear();
});

const provideSecrets = (cloud: Cloud) => {
  cloud.secrets.provide('toolwatch/CHANNEL_CHAT', served.chat.url);
  cloud.secrets.provide('toolwatch/CHANNEL_FLOW', served.flow.url);
  const lost = { url: served.lost.url, secrets: [SIGNING_SECRET] };
  cloud.secrets.provide('toolwatch/CHANNEL_LOST', JSON.stringify(lost));
};

/** Runs the drill while alarms are evaluated as if minutes passed; they end when `waitForMessages` has. */
const runDrill = async (cloud: Cloud, waitForMessages: () => Promise<void> = async () => {}) => {
  const thisMinute = Math.floor(Date.now() / 60_000);
  const evaluateAfter = (...minutes: number[]) => {
    for (const later of minutes) cloud.alarms.evaluateAll((thisMinute + later) * 60_000);
  };
  evaluateAfter(0); // every alarm is OK
  const running = cloud.lambda.invoke({ principal: OPERATOR, function: 'toolwatch-drill', event: '{}' });
  const isMetricWritten = () => cloud.metrics.find('Toolwatch', 'drill_critical').length > 0;
  await expect.poll(isMetricWritten).toBe(true);
  // A minute's data is evaluated once it is complete.
  evaluateAfter(1, 2);
  await waitForMessages();
  const { failed, payload } = await running;
  evaluateAfter(3, 4, 5);
  const answer = JSON.parse(payload) as DrillAnswer;
  const levels = 'ways' in answer ? answer.ways.map(({ way, level }) => `${way}: ${level}`) : payload;
  return { failed, answer, levels };
};

const failedWays = (cloud: Cloud) => {
  const metric = { namespace: 'Toolwatch', name: 'drill_failed', dimensions: { service: 'toolwatch' } };
  return cloud.metrics.statistic(metric, 'Sum', Date.now() - 600_000, Date.now() + 60_000)?.value;
};

test('a drill is known by its own id on every way, and says where it did not arrive', async () => {
  await template.withEdit(shortenWindows, async (cloud, { deliveries }) => {
    provideSecrets(cloud);
    await served.lost.setFault({ kind: 'status', status: 503 });
    const notified = () =>
      deliveries.filter(({ subject, protocol }) => protocol === 'email' && subject.includes(': Drill: nothing '));
    const recipientsOf = (state: string) => async () => {
      await invoke(cloud, 'notify');
      const ofState = notified().filter(({ subject }) => subject.startsWith(`${state}: `));
      return ofState.map(({ endpoint }) => endpoint).sort();
    };
    const everybody = ['oncall@example.com', 'tools@example.com'];
    const { failed, levels, answer } = await runDrill(cloud, async () => {
      await expect.poll(recipientsOf('ALARM')).toEqual(everybody);
      // What a channel gets meanwhile is not the drill.
      sendToChannel(cloud, 'lost', JSON.stringify(aNotice()));
    });
    expect(failed).toBe(false);
    expect(levels).toEqual([
      'topic critical: accepted',
      'channel chat: posted',
      'channel lost: missing',
      'topic warning: accepted',
      'channel flow: accepted',
    ]);
    expect(failedWays(cloud)).toBe(1);
    expect('ways' in answer && answer.ways.find(({ way }) => way === 'channel lost')?.detail).toBe(
      'it waits in the queue of the channel',
    );
    // It is for one tool and for warnings, cannot prove anything, and asks.
    const [shown] = served.flow.receiver.board.all();
    expect(shown?.lines.join('\n')).toContain('npx toolwatch drill --confirm flow');
    await expect.poll(recipientsOf('OK')).toEqual(everybody);
    expect(notified()[0]?.message).toContain('Drill: nothing is wrong, and this message shows that messages arrive');
  });
});

const removeSubscriptions = removeResources('AWS::SNS::Subscription');
test('a drill that nobody can hear says so', async () => {
  await template.withEdit(removeSubscriptions, async (cloud) => {
    const { failed, levels } = await runDrill(cloud);
    expect(failed).toBe(false);
    // Without subscriptions the notifier's inbox is read by nobody either.
    expect(levels).toEqual([
      'topic critical: missing',
      'channel chat: missing',
      'channel lost: missing',
      'topic warning: missing',
      'channel flow: missing',
    ]);
    expect(failedWays(cloud)).toBe(5);
  });
});
