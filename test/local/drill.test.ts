import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { settingsFrom } from '../../lib/settings.ts';
import { removeResources } from '../../local/template-edits.ts';
import { prepareTemplate } from '../support/prepared-template.ts';

const OPERATOR = { person: 'operator' };
/** A new alarm only watches for a while; a drill comes long after. */
const { alarms } = settingsFrom({ alarms: { warmUpMinutes: 0 } });
let table: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  table = await prepareTemplate({
    alarms,
    drill: { at: 'cron(0 10 ? * TUE *)', patienceSeconds: 8 },
    alerts: {
      critical: { emails: ['oncall@example.com'], https: [] },
      warning: { emails: ['tools@example.com'], https: [] },
    },
  });
});
afterAll(() => table?.clear());

/** Runs the drill while alarms are judged as if minutes passed. */
const drill = async (cloud: Cloud) => {
  const thisMinute = Math.floor(Date.now() / 60_000);
  const judge = (...minutes: number[]) => {
    for (const later of minutes) cloud.alarms.evaluateAll((thisMinute + later) * 60_000);
  };
  judge(0); // every alarm says that it is fine
  const running = cloud.lambda.invoke({ principal: OPERATOR, function: 'toolwatch-drill', event: '{}' });
  const written = () => cloud.metrics.find('Toolwatch', 'drill_critical').length > 0;
  await expect.poll(written).toBe(true);
  // A minute's figures are judged once they are all in.
  judge(1, 2);
  const { failed, payload } = await running;
  judge(3, 4, 5);
  return { failed, payload };
};

test('a drill tells everybody that it is one, and is over', async () => {
  await table.without(
    () => {},
    async (cloud, { deliveries }) => {
      const { failed, payload } = await drill(cloud);
      expect([failed, JSON.parse(payload)]).toEqual([false, { told: ['critical', 'warning'] }]);
      const told = deliveries.filter(({ subject }) => subject.includes('drill/'));
      expect(told.map(({ endpoint, subject }) => `${endpoint}: ${subject.split(' ')[0]}`).sort()).toEqual([
        'oncall@example.com: ALARM:',
        'oncall@example.com: OK:',
        'tools@example.com: ALARM:',
        'tools@example.com: OK:',
      ]);
      expect(told[0]?.message).toContain('THIS IS A DRILL: nothing is wrong.');
    },
  );
});

const unheard = removeResources('AWS::SNS::Subscription');
test('what nobody hears fails, and an alarm would say so', async () => {
  await table.without(unheard, async (cloud) => {
    const { failed, payload } = await drill(cloud);
    expect(failed).toBe(true);
    expect(payload).toContain(
      'The drill failed. critical: no notification was delivered in time; warning: no notification was delivered in time.',
    );
    const errors = { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'toolwatch-drill' } };
    expect(cloud.metrics.statistic(errors, 'Sum', Date.now() - 600_000, Date.now() + 60_000)?.value).toBe(1);
  });
});
