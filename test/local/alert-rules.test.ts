import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { openDatabase } from '../../lambdas/database/database.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { settingsFrom } from '../../lib/settings.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { invoke } from '../support/through-cloud.ts';
import { runToolwatch } from '../support/toolwatch-command.ts';

let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  template = await prepareTemplate({ alarms: settingsFrom({ alarms: { warmUpMinutes: 0 } }).alarms });
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

const runRules = (cloud: Cloud, ...args: string[]) => runToolwatch(cloud, 'rules', ...args);

test('a rule is set by the command, evaluated by refresh, and fires the alarm of its severity, as a contributor', {
  timeout: 300_000,
}, async () => {
  await template.withEdit(
    () => {},
    async (cloud, events) => {
      const set = [
        'set',
        'many-errors',
        '--figure',
        'errors',
        '--above',
        '200',
        '--window',
        '1440',
        '--reason',
        'a test',
      ];
      const made = await runRules(cloud, ...set, '--description', 'Too many errors.');
      expect(made).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('errors above 200') });

      const firingAfter = async (count: number, fault: 'ours' | 'caller') => {
        await storeFailures(count, fault);
        expect((await invoke(cloud, 'refresh')).failed).toBe(false);
        cloud.alarms.evaluateAll((Math.floor(Date.now() / 60_000) + 2) * 60_000);
        const states = new Map(cloud.alarms.report().map(({ name, state }) => [name, state]));
        const rules = cloud.metrics
          .find('Toolwatch', 'rule_warning')
          .map(({ dimensions }) => dimensions.rule)
          .sort();
        return [states.get('rules/warning'), states.get('rules/critical'), rules];
      };
      expect(await firingAfter(600, 'caller')).toEqual(['OK', 'OK', []]);
      expect(await firingAfter(101, 'ours')).toEqual(['ALARM', 'OK', ['errors_of_a_day']]);
      expect(await firingAfter(400, 'ours')).toEqual([
        'ALARM',
        'ALARM',
        ['errors_of_a_day', 'errors_of_a_day_critical', 'many-errors'],
      ]);

      const shown = await runRules(cloud, 'show', 'many-errors', '--json');
      expect(JSON.parse(shown.stdout)).toMatchObject({
        rule: { description: 'Too many errors.', state: { outcome: 'holds', figure: 501 } },
      });
      expect((await runRules(cloud, 'list')).stdout).toMatch(/many-errors +holds +warning +501/);
      const tried = await runRules(cloud, 'backtest', 'many-errors', '--above', '600', '--days', '2');
      expect(tried).toMatchObject({ status: 0, stdout: expect.stringContaining('never') });
      expect((await runRules(cloud, 'disable', 'many-errors')).stdout).toMatch(/state +off/);
      expect(await runRules(cloud, 'remove', 'slow_query')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('ships with Toolwatch'),
      });
      expect(await runRules(cloud, 'set', 'a', '--figure', 'speed', '--above', '1')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('Field figure: write one of'),
      });

      // Its evaluations reach the store as records, by the log.
      await vi.waitFor(
        async () =>
          expect(
            await template.rows(
              "select from analytics.invocations where kind = 'rule' and name = 'alert-rule/many-errors'",
            ),
          ).toHaveLength(3),
        { timeout: 60_000 },
      );
      expect(await template.rows('select rule_id from analytics.rule_performance')).toEqual([]);
      expect(await template.rows('select action, actor_kind, success from ops.audit order by at')).toEqual([
        { action: 'alert_rule.changed', actor_kind: 'stated', success: true },
        { action: 'alert_rule.disabled', actor_kind: 'stated', success: true },
        { action: 'alert_rule.removed', actor_kind: 'stated', success: false },
      ]);
      expect(events.refusals).toEqual([]);
    },
  );
});
