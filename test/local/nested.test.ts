import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareTemplate } from '../support/prepared-template.ts';
import { callOrder, countErrors, countForwarded } from '../support/through-cloud.ts';

let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  const mute = { name: 'upkeep', reason: 'upkeep', at: 'cron(0 2 * * 6)', minutes: 60, alarms: ['tool/*/slow'] };
  template = await prepareTemplate({ toolGroups: 2, mutes: [mute] });
});
afterAll(() => template?.clear());

test('tools in nested stacks are called, stored and alarmed like any other', async () => {
  await template.withEdit(
    () => {},
    async (cloud, { refusals, losses }) => {
      expect(JSON.parse((await callOrder(cloud)).payload).statusCode).toBe(200);
      await expect.poll(() => countForwarded(cloud)).toBe(1);
      await expect.poll(() => countErrors(cloud, 'ingest')).toBe(0);
      expect(cloud.alarms.report().map(({ name }) => name)).toContain('tool/order_status/failing');
      expect([refusals, losses]).toEqual([[], []]);
    },
  );
});
