import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareTemplate } from '../support/prepared-template.ts';
import { callOrder, countErrors, countForwarded } from '../support/through-cloud.ts';

let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  const subnetIds = ['subnet-0a1b2c3d', 'subnet-1a1b2c3d'];
  template = await prepareTemplate({ network: { vpcId: 'vpc-0a1b2c3d', subnetIds, allFunctions: true } });
});
afterAll(() => template?.clear());

test('with every function in a network that exists, calls are made, stored and alarmed as ever', async () => {
  await template.withEdit(
    () => {},
    async (cloud, { refusals, losses }) => {
      expect(JSON.parse((await callOrder(cloud)).payload).statusCode).toBe(200);
      await expect.poll(() => countForwarded(cloud)).toBe(1);
      await expect.poll(() => countErrors(cloud, 'ingest')).toBe(0);
      for (const { latest } of cloud.lambda.functions()) expect(latest.configuration.securityGroups).toHaveLength(1);
      expect([refusals, losses]).toEqual([[], []]);
    },
  );
});
