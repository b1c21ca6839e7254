import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareTemplate } from '../support/prepared-template.ts';
import { callOrder, countErrors, countForwarded } from '../support/through-cloud.ts';

let template: Awaited<ReturnType<typeof prepareTemplate>>;
const folder = mkdtempSync(join(tmpdir(), 'toolwatch-boundary-'));
beforeAll(async () => {
  template = await prepareTemplate();
});
afterAll(async () => {
  await template?.clear();
  rmSync(folder, { recursive: true });
});

/** The template under a boundary with these statements. */
const under = (name: string, ...Statement: object[]) => {
  const boundaryFile = join(folder, `${name}.json`);
  writeFileSync(boundaryFile, JSON.stringify({ Version: '2012-10-17', Statement }));
  const roles = { permissionsBoundary: `team/${name}`, boundaryFile, namePrefix: 'acme-', path: '/toolwatch/' };
  return template.withSettings({ roles });
};
const everything = { Effect: 'Allow', Action: '*', Resource: '*' };

test('under the boundary of an organization everything is deployed, called and stored', async () => {
  const noAdministration = { Effect: 'Deny', Action: ['iam:*', 'organizations:*', 'ec2:CreateVpc'], Resource: '*' };
  await under('ordinary', everything, noAdministration).withEdit(
    () => {},
    async (cloud, { refusals, losses }) => {
      expect(JSON.parse((await callOrder(cloud)).payload).statusCode).toBe(200);
      await expect.poll(() => countForwarded(cloud)).toBe(1);
      await expect.poll(() => countErrors(cloud, 'ingest')).toBe(0);
      const roles = cloud.lambda.functions().map(({ latest }) => latest.configuration.role);
      for (const role of roles) expect(role).toMatch(/:role\/toolwatch\/acme-/);
      expect([refusals, losses]).toEqual([[], []]);
    },
  );
});

test('what the boundary does not allow is refused, and the refusal says that it was the boundary', async () => {
  const anythingElse = { Effect: 'Allow', Action: ['logs:*', 'ec2:*', 's3:*', 'rds-db:*', 'sqs:*'], Resource: '*' };
  const onlyTriggers = {
    Effect: 'Allow',
    Action: 'lambda:InvokeFunction',
    Resource: 'arn:aws:lambda:us-east-1:000000000000:function:toolwatch-migrate*',
  };
  await under('narrow', anythingElse, onlyTriggers).withEdit(
    () => {},
    async (cloud, { refusals }) => {
      await callOrder(cloud);
      expect(refusals).toContainEqual({
        principal: expect.stringMatching(/:role\/toolwatch\/acme-/),
        action: 'lambda:InvokeFunction',
        resource: expect.stringContaining('toolwatch-tool-order_status'),
        why: 'no permissions boundary allows it',
      });
    },
  );
});
