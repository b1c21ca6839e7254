import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { settingsFrom } from '../../lib/settings.ts';
import { removeResources } from '../../local/template-edits.ts';
import { shortenWindows } from '../support/notifier.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { invoke, OPERATOR } from '../support/through-cloud.ts';

/** A new alarm does not page during its warm-up; a drill runs long after it. */
const { alarms } = settingsFrom({ alarms: { warmUpMinutes: 0 } });
let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  template = await prepareTemplate({
    alarms,
    drill: { at: 'cron(0 10 ? * TUE *)', timeoutSeconds: 8 },
    alerts: {
      critical: { emails: ['oncall@example.com'], https: [] },
      warning: { emails: ['tools@example.com'], https: [] },
      channels: [], deployments: 'none',
    },
  });
});
afterAll(() => template?.clear());

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
  const { failed, payload } = await running;
  await waitForMessages();
  evaluateAfter(3, 4, 5);
  return { failed, payload };
};

test('a drill notifies every recipient that it is a drill, and ends', async () => {
  await template.withEdit(shortenWindows, async (cloud, { deliveries }) => {
    const notified = () =>
      deliveries.filter(({ subject, protocol }) => protocol === 'email' && subject.includes(': Drill: nothing '));
    const recipientsOf = (state: string) => async () => {
      await invoke(cloud, 'notify');
      const ofState = notified().filter(({ subject }) => subject.startsWith(`${state}: `));
      return ofState.map(({ endpoint }) => endpoint).sort();
    };
    const everybody = ['oncall@example.com', 'tools@example.com'];
    const { failed, payload } = await runDrill(cloud, () => expect.poll(recipientsOf('ALARM')).toEqual(everybody));
    expect([failed, JSON.parse(payload)]).toEqual([false, { notified: ['critical', 'warning'] }]);
    await expect.poll(recipientsOf('OK')).toEqual(everybody);
    expect(notified()[0]?.message).toContain('Drill: nothing is wrong, and this message shows that messages arrive');
  });
});

const removeSubscriptions = removeResources('AWS::SNS::Subscription');
test('a drill without recipients fails, and the failure is counted for an alarm', async () => {
  await template.withEdit(removeSubscriptions, async (cloud) => {
    const { failed, payload } = await runDrill(cloud);
    expect(failed).toBe(true);
    expect(payload).toContain(
      'The drill failed. critical: no notification was delivered in time; warning: no notification was delivered in time.',
    );
    const errors = { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'toolwatch-drill' } };
    expect(cloud.metrics.statistic(errors, 'Sum', Date.now() - 600_000, Date.now() + 60_000)?.value).toBe(1);
  });
});
