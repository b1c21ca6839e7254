import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { findResource, removeAction, removePermission, type TemplateEdit } from '../../local/template-edits.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { callOrder, countErrors, invoke, request } from '../support/through-cloud.ts';

/** The same template with each database that a deployment may choose. */
const withDatabase = (database: SettingsInput['database']) => ({ database: settingsFrom({ database }).database });

let template: Awaited<ReturnType<typeof prepareTemplate>>;
let proxied: Pick<typeof template, 'withEdit'>;
beforeAll(async () => {
  template = await prepareTemplate(withDatabase({ kind: 'aurora', multiAz: true }));
  proxied = template.withSettings(withDatabase({ proxy: true }));
});
afterAll(() => template?.clear());

const unchanged: TemplateEdit = () => {};
const countCalls = async (): Promise<number> =>
  Number((await template.rows("select count(*) from analytics.invocations where name = 'order_status'"))[0]?.count);
const askApi = async (cloud: Cloud) => JSON.parse((await invoke(cloud, 'api', request('GET', '/v1/tools'))).payload);

describe.each([
  { database: 'Aurora', prepared: () => template, resourceId: 'cluster-LOCAL' },
  { database: 'an instance behind a proxy', prepared: () => proxied, resourceId: 'prx-LOCAL' },
])('$database', ({ prepared, resourceId }) => {
  test('stores a call and reads it back, and refuses nothing', async () => {
    await prepared().withEdit(unchanged, async (cloud, { refusals, losses }) => {
      const before = await countCalls();
      await callOrder(cloud);
      await expect.poll(() => countErrors(cloud, 'ingest')).toBe(0);
      expect(await countCalls()).toBe(before + 1);
      expect((await askApi(cloud)).statusCode).toBe(200);
      expect((await invoke(cloud, 'refresh')).failed).toBe(false);
      expect([refusals, losses]).toEqual([[], []]);
      // A pinned connection could not be shared through the proxy.
      expect(cloud.rds.pinned()).toEqual([]);
    });
  });

  test('without ingest’s permission to sign in, it refuses ingest and names the user', async () => {
    await prepared().withEdit(removePermission('toolwatch-ingest', 'rds-db:connect'), async (cloud, { refusals }) => {
      await callOrder(cloud);
      await expect
        .poll(() => refusals)
        .toContainEqual(
          expect.objectContaining({
            principal: expect.stringContaining('IngestRole'),
            action: 'rds-db:connect',
            resource: expect.stringMatching(new RegExp(`dbuser:${resourceId}/toolwatch_writer$`)),
          }),
        );
    });
  });
});

describe('a proxy', () => {
  const expectApiFailure = (
    edit: TemplateEdit,
    check: (refusals: { action: string; principal: string; resource: string }[]) => void,
  ) =>
    proxied.withEdit(edit, async (cloud, { refusals }) => {
      expect((await askApi(cloud)).statusCode).toBeGreaterThanOrEqual(500);
      check(refusals);
    });

  test('without its own permission to sign in to the server, no client reaches the server', async () => {
    await expectApiFailure(removeAction('AWS::IAM::Role', 'ProxyRole', 'rds-db:connect'), (refusals) => {
      expect(refusals).toContainEqual({
        principal: expect.stringContaining('ProxyRole'),
        action: 'rds-db:connect',
        resource: expect.stringMatching(/dbuser:db-LOCAL\/toolwatch_reader$/),
        why: 'no policy allows it',
      });
    });
  });

  test('whose role does not trust RDS is refused the role', async () => {
    const removeTrust: TemplateEdit = (resources) => {
      const { Properties } = findResource(resources, 'AWS::IAM::Role', 'ProxyRole');
      (Properties.AssumeRolePolicyDocument as { Statement: unknown[] }).Statement = [];
    };
    await expectApiFailure(removeTrust, (refusals) => {
      expect(refusals).toContainEqual(
        expect.objectContaining({ principal: 'rds.amazonaws.com', action: 'sts:AssumeRole' }),
      );
    });
  });

  test('whose security group blocks outgoing traffic reaches no server', async () => {
    const blockEgress: TemplateEdit = (resources) => {
      const rule = findResource(resources, 'AWS::EC2::SecurityGroupEgress', 'PostgreSQL from the proxy');
      rule.Properties.ToPort = rule.Properties.FromPort = 1;
    };
    await expectApiFailure(blockEgress, (refusals) => expect(refusals).toEqual([]));
  });

  test('with another authentication scheme makes the start fail', async () => {
    const changeScheme: TemplateEdit = (resources) => {
      findResource(resources, 'AWS::RDS::DBProxy').Properties.DefaultAuthScheme = 'NONE';
    };
    await expect(proxied.withEdit(changeScheme)).rejects.toThrow(
      'the emulator supports only a proxy with IAM from end to end',
    );
  });
});
