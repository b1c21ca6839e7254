import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { type SettingsInput, settingsFrom } from '../../lib/settings.ts';
import { findResource, removeAction, removePermission, type TemplateEdit } from '../../local/template-edits.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { callOrder, errors, invoke, request } from '../support/through-cloud.ts';

/** The same template with the databases a deployment may choose: each carries a call to its row, and no right is superfluous. */
const of = (database: SettingsInput['database']) => ({ database: settingsFrom({ database }).database });

let table: Awaited<ReturnType<typeof prepareTemplate>>;
let proxied: Pick<typeof table, 'without'>;
beforeAll(async () => {
  table = await prepareTemplate(of({ kind: 'aurora', multiAz: true }));
  proxied = table.under(of({ proxy: true }));
});
afterAll(() => table?.clear());

const untouched: TemplateEdit = () => {};
const calls = async (): Promise<number> =>
  Number((await table.rows("select count(*) from analytics.invocations where name = 'order_status'"))[0]?.count);
const answerOfApi = async (cloud: Cloud) =>
  JSON.parse((await invoke(cloud, 'api', request('GET', '/v1/tools'))).payload);

describe.each([
  { what: 'Aurora', under: () => table, resourceId: 'cluster-LOCAL' },
  { what: 'an instance behind a proxy', under: () => proxied, resourceId: 'prx-LOCAL' },
])('$what', ({ under, resourceId }) => {
  test('carries a call to its row and back out, and refuses nothing', async () => {
    await under().without(untouched, async (cloud, { refusals, losses }) => {
      const before = await calls();
      await callOrder(cloud);
      await expect.poll(() => errors(cloud, 'ingest')).toBe(0);
      expect(await calls()).toBe(before + 1);
      expect((await answerOfApi(cloud)).statusCode).toBe(200);
      expect((await invoke(cloud, 'refresh')).failed).toBe(false);
      expect([refusals, losses]).toEqual([[], []]);
      // Nobody keeps a connection of the proxy's to itself.
      expect(cloud.rds.pinned()).toEqual([]);
    });
  });

  test('without ingest’s right to sign in there, it refuses it by name', async () => {
    await under().without(removePermission('toolwatch-ingest', 'rds-db:connect'), async (cloud, { refusals }) => {
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
  const refusedApi = (
    cut: TemplateEdit,
    look: (told: { action: string; principal: string; resource: string }[]) => void,
  ) =>
    proxied.without(cut, async (cloud, { refusals }) => {
      expect((await answerOfApi(cloud)).statusCode).toBeGreaterThanOrEqual(500);
      look(refusals);
    });

  test('without its own right to sign in at the server, nobody gets further than to it', async () => {
    await refusedApi(removeAction('AWS::IAM::Role', 'ProxyRole', 'rds-db:connect'), (refusals) => {
      expect(refusals).toContainEqual({
        principal: expect.stringContaining('ProxyRole'),
        action: 'rds-db:connect',
        resource: expect.stringMatching(/dbuser:db-LOCAL\/toolwatch_reader$/),
        why: 'no policy allows it',
      });
    });
  });

  test('whose role trusts somebody else is refused it', async () => {
    const distrust: TemplateEdit = (resources) => {
      const { Properties } = findResource(resources, 'AWS::IAM::Role', 'ProxyRole');
      (Properties.AssumeRolePolicyDocument as { Statement: unknown[] }).Statement = [];
    };
    await refusedApi(distrust, (refusals) => {
      expect(refusals).toContainEqual(
        expect.objectContaining({ principal: 'rds.amazonaws.com', action: 'sts:AssumeRole' }),
      );
    });
  });

  test('that its security group does not let out reaches no server', async () => {
    const walledIn: TemplateEdit = (resources) => {
      const opening = findResource(resources, 'AWS::EC2::SecurityGroupEgress', 'PostgreSQL from the proxy');
      opening.Properties.ToPort = opening.Properties.FromPort = 1;
    };
    await refusedApi(walledIn, (refusals) => expect(refusals).toEqual([]));
  });

  test('that another way of proving oneself is asked of stops the start', async () => {
    const secrets: TemplateEdit = (resources) => {
      findResource(resources, 'AWS::RDS::DBProxy').Properties.DefaultAuthScheme = 'NONE';
    };
    await expect(proxied.without(secrets)).rejects.toThrow('only a proxy that is IAM from end to end is known here');
  });
});
