import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../lambdas/database/database.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { settingsFrom } from '../../lib/settings.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { invoke } from '../support/through-cloud.ts';

let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  template = await prepareTemplate({ alarms: settingsFrom({ alarms: { errors24h: true, warmUpMinutes: 0 } }).alarms });
});
afterAll(() => template?.clear());

/** Failures of a few hours ago, at which no tool's own alarm looks. */
const storeFailures = async (count: number, fault: 'ours' | 'caller'): Promise<void> => {
  const database = openDatabase({ connectionString: template.databaseUrl });
  const started_at = new Date(Date.now() - 5 * 3_600_000).toISOString();
  await store(
    database,
    Array.from({ length: count }, () => anInvocation({ fault, started_at })),
  );
  await database.close();
};

test('more than a hundred failures in a day are a warning, more than five hundred critical, and none by callers', {
  timeout: 300_000,
}, async () => {
  await template.withEdit(
    () => {},
    async (cloud) => {
      const statesAfter = async (count: number, fault: 'ours' | 'caller') => {
        await storeFailures(count, fault);
        expect((await invoke(cloud, 'refresh')).failed).toBe(false);
        cloud.alarms.evaluateAll((Math.floor(Date.now() / 60_000) + 2) * 60_000);
        const states = new Map(cloud.alarms.report().map(({ name, state }) => [name, state]));
        return ['fleet/many-errors', 'fleet/very-many-errors'].map((name) => states.get(name));
      };
      expect(await statesAfter(600, 'caller')).toEqual(['OK', 'OK']);
      expect(await statesAfter(101, 'ours')).toEqual(['ALARM', 'OK']);
      expect(await statesAfter(400, 'ours')).toEqual(['ALARM', 'ALARM']);
      expect(cloud.metrics.find('Toolwatch', 'errors_24h')).toMatchObject([{ dimensions: { service: 'toolwatch' } }]);
    },
  );
});
