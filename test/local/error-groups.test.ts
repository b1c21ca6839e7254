import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { openDatabase } from '../../lambdas/database/database.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { settingsFrom } from '../../lib/settings.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { invoke } from '../support/through-cloud.ts';
import { runToolwatch } from '../support/toolwatch-command.ts';

const DAY_MS = 86_400_000;
let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  template = await prepareTemplate({ alarms: settingsFrom({ alarms: { warmUpMinutes: 0 } }).alarms });
});
afterAll(() => template?.clear());

const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const aFailure = (startedAt: string, error_fingerprint: string) =>
  anInvocation({
    name: 'place_order',
    fault: 'ours',
    error_code: 'INTERNAL_ERROR',
    error_fingerprint,
    started_at: startedAt,
  });

/** Calls of weeks; a deployment of half an hour ago; and what fails since then. */
const storeHistory = async (): Promise<void> => {
  const database = openDatabase({ connectionString: template.databaseUrl });
  await store(database, [
    anInvocation({ started_at: ago(12 * DAY_MS) }),
    aFailure(ago(5 * DAY_MS), 'v3:known'),
    ...[14, 8, 1].map((minutes) => aFailure(ago(60_000 * minutes), 'v3:new')),
    ...[14, 8, 1].map((minutes) => aFailure(ago(60_000 * minutes), 'v3:known')),
  ]);
  await database.close();
  await template.rows(
    `insert into analytics.deployments (version, environment, started_at, migrations)
     values ('2', 'e', now() - interval '30 minutes', '{}')`,
  );
};

const runErrors = (cloud: Cloud, ...args: string[]) => runToolwatch(cloud, 'errors', ...args);

test('what fails in a new way since a deployment fires its alarm, is shown, and is over when somebody resolves it', {
  timeout: 300_000,
}, async () => {
  await template.withEdit(
    () => {},
    async (cloud, events) => {
      const evaluate = async () => {
        expect((await invoke(cloud, 'refresh')).failed).toBe(false);
        cloud.alarms.evaluateAll((Math.floor(Date.now() / 60_000) + 2) * 60_000);
        return cloud.alarms.report().find(({ name }) => name === 'tools/new-errors')?.state;
      };
      await storeHistory();
      expect(await evaluate()).toBe('ALARM');
      expect(cloud.metrics.find('Toolwatch', 'new_errors').map(({ dimensions }) => dimensions.tool)).toEqual([
        'place_order',
      ]);

      const listed = await runErrors(cloud, 'list', '--tool', 'place_order', '--json');
      expect(listed.stderr).toBe('');
      const { groups } = JSON.parse(listed.stdout);
      const id = groups.find(({ fingerprint }: { fingerprint: string }) => fingerprint === 'v3:new').group_id;
      expect((await runErrors(cloud, 'list')).stdout).toMatch(new RegExp(`${id} +new +place_order +ours +3`));
      expect((await runErrors(cloud, 'show', id)).stdout).toMatch(/state +new/);
      expect(await runErrors(cloud, 'mute', id)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('Field until: write a time'),
      });
      expect(await runErrors(cloud, 'show')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('show GROUP'),
      });
      const resolved = await runErrors(cloud, 'resolve', id, '--version', '3', '--reason', 'a test');
      expect(resolved).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/state +resolved/) });
      await evaluate();
      expect(await template.rows('select action, target, success from ops.audit')).toEqual([
        { action: 'error_group.resolved', target: id, success: true },
      ]);
      expect((await runErrors(cloud, 'reopen', id)).stdout).toMatch(/state +new/);
      expect(events.refusals).toEqual([]);
    },
  );
});
