import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareTemplate } from '../support/prepared-template.ts';
import { callOrder, errors, forwarded } from '../support/through-cloud.ts';

let table: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  const mute = { name: 'upkeep', reason: 'upkeep', at: 'cron(0 2 * * 6)', minutes: 60, alarms: ['tool/*/slow'] };
  table = await prepareTemplate({ toolGroups: 2, mutes: [mute] });
});
afterAll(() => table?.clear());

test('tools spread over stacks within the stack are called, stored and alarmed like any other', async () => {
  await table.without(
    () => {},
    async (cloud, { refusals, losses }) => {
      expect(JSON.parse((await callOrder(cloud)).payload).statusCode).toBe(200);
      await expect.poll(() => forwarded(cloud)).toBe(1);
      await expect.poll(() => errors(cloud, 'ingest')).toBe(0);
      expect(cloud.alarms.report().map(({ name }) => name)).toContain('tool/order_status/failing');
      expect([refusals, losses]).toEqual([[], []]);
    },
  );
});
