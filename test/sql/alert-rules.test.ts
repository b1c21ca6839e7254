import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { COMPARISONS, FIGURE_NAMES, WINDOWS } from '../../lambdas/contract/alert-rules/figures.ts';
import { type AlertRule, type AlertRuleInput, alertRule, EACH } from '../../lambdas/contract/alert-rules/rule.ts';
import { SHIPPED_RULES } from '../../lambdas/contract/alert-rules/shipped.ts';
import { sourceOf } from '../../lambdas/contract/alert-rules/wrong-combinations.ts';
import { DAY_MS, MINUTE_MS } from '../../lambdas/contract/durations.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { KINDS } from '../../lambdas/contract/vocabulary.ts';
import { inTransaction } from '../../lambdas/database/in-transaction.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { migrate } from '../../lambdas/migrate/migrate.ts';
import type { RuleEvaluation } from '../../lambdas/refresh/alert-rules/evaluate-rules.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const refresher = db.as('refresher');
const api = await serveApi(db.as('reader'), [], undefined, undefined, { editor: db.as('editor') });

const put = async (name: string, rule: AlertRuleInput): Promise<void> => {
  const response = await api.get(`/v1/alert-rules/${name}`, { method: 'PUT', body: JSON.stringify(rule) });
  expect([response.status, await response.json()]).toEqual([200, expect.anything()]);
};
const show = async (name: string) => (await (await api.get(`/v1/alert-rules/${name}`)).json()).rule;
const evaluate = async (): Promise<RuleEvaluation[]> => {
  const evaluations: RuleEvaluation[] = [];
  const { failures } = await refresh(refresher, { onEvaluated: (evaluation) => evaluations.push(evaluation) });
  expect(failures).toEqual([]);
  return evaluations;
};
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const calls = (count: number, given: Partial<Invocation> = {}): Invocation[] =>
  Array.from({ length: count }, (_, at) => anInvocation({ started_at: ago(MINUTE_MS + at), ...given }));
const ours = { success: false, fault: 'ours', error_code: 'INTERNAL_ERROR' } as const;

beforeEach(async () => {
  await db.rows('delete from ops.alert_rules where shipped is null');
  await db.rows('update ops.alert_rules set enabled = false');
});

describe('a rule holds for what its figure says', () => {
  const tool = (name: string) => ({ scope: { name } });
  test.each<[string, AlertRuleInput, Invocation[], number]>([
    [
      'error rate, without the faults of callers',
      { figure: 'error_rate_pct', comparison: 'above', threshold: 49, min_calls: 4, ...tool('rate') },
      [
        ...calls(2, { name: 'rate' }),
        ...calls(2, { name: 'rate', ...ours }),
        ...calls(9, { name: 'rate', success: false, fault: 'caller' }),
      ],
      50,
    ],
    [
      'errors',
      { figure: 'errors', comparison: 'at_least', threshold: 3, ...tool('errs') },
      calls(3, { name: 'errs', ...ours }),
      3,
    ],
    ['calls', { figure: 'calls', comparison: 'above', threshold: 6, ...tool('many') }, calls(7, { name: 'many' }), 7],
    ['no calls at all', { figure: 'calls', comparison: 'at_most', threshold: 0, ...tool('never') }, [], 0],
    [
      'the 95th percentile of a tenant',
      { figure: 'p95_ms', comparison: 'above', threshold: 90, scope: { name: 'slow', tenant: 'acme' } },
      calls(5, { name: 'slow', tenant_id: 'acme', duration_ms: 100 }),
      100,
    ],
    [
      'the longest call',
      { figure: 'max_ms', comparison: 'above', threshold: 200, ...tool('long') },
      calls(1, { name: 'long', duration_ms: 300 }),
      300,
    ],
    [
      'the share of slow calls',
      { figure: 'slow_pct', slow_ms: 150, comparison: 'above', threshold: 20, ...tool('some') },
      [...calls(3, { name: 'some', duration_ms: 10 }), ...calls(1, { name: 'some', duration_ms: 400 })],
      25,
    ],
    [
      'cost',
      { figure: 'cost_usd', comparison: 'above', threshold: 1, ...tool('dear') },
      calls(2, { name: 'dear', cost_usd: 0.75 }),
      1.5,
    ],
    [
      'a measure',
      { figure: 'measure_average', measure: 'orders', comparison: 'below', threshold: 3, ...tool('shop') },
      [...calls(1, { name: 'shop', measures: { orders: 1 } }), ...calls(1, { name: 'shop', measures: { orders: 2 } })],
      1.5,
    ],
    [
      'failures in a row',
      { figure: 'consecutive_failures', comparison: 'at_least', threshold: 2, scope: { kind: 'job', name: 'mail' } },
      [
        ...calls(1, { kind: 'job', name: 'mail', started_at: ago(20 * MINUTE_MS) }),
        ...calls(2, { kind: 'job', name: 'mail', ...ours }),
      ],
      2,
    ],
    [
      'minutes since the last success',
      {
        figure: 'minutes_since_success',
        comparison: 'above',
        threshold: 60,
        scope: { kind: 'sync', name: 'inbound:x' },
      },
      [
        ...calls(1, { kind: 'sync', name: 'inbound:x', started_at: ago(90 * MINUTE_MS) }),
        ...calls(1, { kind: 'sync', name: 'inbound:x', ...ours }),
      ],
      90,
    ],
    [
      'a provider',
      { figure: 'error_rate_pct', comparison: 'above', threshold: 10, scope: { provider: 'carrier' } },
      calls(1, { name: 'depends', metadata: { dependencies: { carrier: { calls: 4, failed: 1, ms: 10 } } } }),
      25,
    ],
    [
      'users with failures, of each tenant its own, without the faults of callers',
      { figure: 'users', comparison: 'at_least', threshold: 3, window_minutes: 5, ...tool('known') },
      [
        ...calls(4, { name: 'known', user_id: 'ann', ...ours }),
        ...calls(1, { name: 'known', user_id: 'bob', ...ours }),
        ...calls(1, { name: 'known', user_id: 'ann', tenant_id: 'zenith', ...ours }),
        ...calls(1, { name: 'known', user_id: 'eve', success: false, fault: 'caller' }),
        ...calls(1, { name: 'known', user_id: 'joe' }),
        ...calls(1, { name: 'known', ...ours }),
        ...calls(1, { name: 'known', user_id: 'old', started_at: ago(6 * MINUTE_MS), ...ours }),
      ],
      3,
    ],
    ['no users at all', { figure: 'users', comparison: 'at_most', threshold: 0, ...tool('unknown') }, [], 0],
    [
      'a domain, of calls of any kind',
      {
        figure: 'error_rate_pct',
        comparison: 'above',
        threshold: 20,
        min_calls: 4,
        scope: { domain: 'a.example.com' },
      },
      [
        ...calls(3, { kind: 'query', name: 'sent', domain: 'a.example.com' }),
        ...calls(1, { kind: 'tool', name: 'asks', domain: 'a.example.com', ...ours }),
        ...calls(2, { kind: 'query', name: 'sent', domain: 'a.example.com', success: false, fault: 'caller' }),
        ...calls(9, { kind: 'query', name: 'sent', domain: 'b.example.com', ...ours }),
      ],
      25,
    ],
    [
      'users who meet failures at a domain',
      { figure: 'users', comparison: 'above', threshold: 1, scope: { domain: 'c.example.com', kind: 'query' } },
      ['ann', 'bob'].flatMap((user_id) => calls(2, { kind: 'query', domain: 'c.example.com', user_id, ...ours })),
      2,
    ],
    [
      'an error group',
      { figure: 'errors', comparison: 'above', threshold: 1, scope: { error_group: 'v1:abc' } },
      calls(2, { name: 'grouped', ...ours, error_fingerprint: 'v1:abc' }),
      2,
    ],
  ])('%s', async (_, rule, given, figure) => {
    await store(db.as('writer'), given);
    await put('tried', rule);
    const [evaluation] = await evaluate();
    expect(evaluation).toMatchObject({ name: 'tried', outcome: 'holds' });
    expect(evaluation?.figure).toBeGreaterThanOrEqual(figure * 0.97);
    expect(evaluation?.figure).toBeLessThan(figure * 1.03 + 1e-9);
    const stored = await show('tried');
    expect(stored.state).toMatchObject({ outcome: 'holds', held_for: 1 });
    const opposite = { above: 'at_most', at_least: 'below', below: 'at_least', at_most: 'above' } as const;
    await put('tried', { ...rule, comparison: opposite[rule.comparison] });
    expect((await evaluate())[0]).toMatchObject({ outcome: 'does_not_hold' });
    expect(await db.rows("select from ops.alert_rule_findings where rule_name = 'tried'")).toEqual([]);
  });

  test('each name and tenant is evaluated separately, and each tenant sees its own', async () => {
    await store(db.as('writer'), [
      ...calls(2, { name: 'each_a', tenant_id: 'acme', ...ours }),
      ...calls(3, { name: 'each_a', tenant_id: 'zenith', ...ours }),
      ...calls(1, { name: 'each_b', tenant_id: 'zenith', ...ours }),
    ]);
    await put('each', {
      figure: 'errors',
      comparison: 'at_least',
      threshold: 2,
      each: ['tenant', 'name'],
      description: 'a',
    });
    await evaluate();
    const { findings, rule } = await (await api.get('/v1/alert-rules/each')).json();
    expect(findings.filter(({ name }: { name: string }) => name.startsWith('each_'))).toMatchObject([
      { tenant_id: 'zenith', name: 'each_a', figure: 3 },
      { tenant_id: 'acme', name: 'each_a', figure: 2 },
    ]);
    expect(rule.state.held_for).toBeGreaterThanOrEqual(2);
    const seenBy = async (tenant: string) =>
      (await (await api.get('/v1/alerts', { headers: { 'x-tenant-id': tenant } })).json()).alerts
        .filter(({ type }: { type: string }) => type === 'each')
        .map(({ tenant_id, resource_id }: Record<string, string>) => `${tenant_id} ${resource_id}`);
    expect(await seenBy('zenith')).toEqual(['zenith each_a']);
    expect((await api.get('/v1/alert-rules', { headers: { 'x-tenant-id': 'acme' } })).status).toBe(403);
  });

  test.each([
    ['at_least', ['many', 'some', 'one']],
    ['at_most', ['one', 'some', 'many']],
  ] as const)(
    '%s: what is furthest beyond the threshold is the first of what a rule holds for',
    async (comparison, names) => {
      const kind = 'dependency';
      await store(db.as('writer'), [
        ...calls(1, { kind, name: 'one' }),
        ...calls(5, { kind, name: 'many' }),
        ...calls(3, { kind, name: 'some' }),
      ]);
      const threshold = comparison === 'at_least' ? 1 : 99;
      await put('order', { figure: 'calls', comparison, threshold, scope: { kind }, each: ['name'] });
      await evaluate();
      const { findings } = await (await api.get('/v1/alert-rules/order')).json();
      expect(findings.map(({ name }: { name: string }) => name)).toEqual(names);
    },
  );

  test('too few calls say nothing', async () => {
    await store(db.as('writer'), calls(3, { name: 'few', ...ours }));
    await put('few', {
      figure: 'error_rate_pct',
      comparison: 'above',
      threshold: 5,
      min_calls: 4,
      scope: { name: 'few' },
    });
    expect((await evaluate())[0]).toMatchObject({ outcome: 'no_data', figure: null });
  });
});

describe('a new rule', () => {
  const always: AlertRuleInput = {
    ...{ figure: 'calls', comparison: 'at_least', threshold: 0, severity: 'critical' },
  };
  const report = async () => {
    const { rules } = await refresh(refresher);
    return rules?.find(({ name }) => name === 'new');
  };

  test('is a warning until it has been quiet for its bake period', async () => {
    await put('new', always);
    expect(await report()).toMatchObject({ severity: 'warning', holds: true });
    await put('new', { ...always, comparison: 'below', bake_days: 3 });
    await db.rows("update ops.alert_rule_states set quiet_since = now() - interval '4 days' where name = 'new'");
    await evaluate();
    expect((await show('new')).state.is_baked).toBe(true);
  });

  test('is critical at once when its backtest was accepted', async () => {
    const tested = await api.get('/v1/alert-rules/backtest', {
      method: 'POST',
      body: JSON.stringify({ rule: always }),
    });
    const { accept } = await tested.json();
    const body = JSON.stringify({ ...always, accepted_backtest: accept });
    expect((await api.get('/v1/alert-rules/new', { method: 'PUT', body })).status).toBe(200);
    expect(await report()).toMatchObject({ severity: 'critical', holds: true });
  });

  test('that is switched off is reported as over, and holds for nothing', async () => {
    await put('new', always);
    await evaluate();
    await api.get('/v1/alert-rules/new/enabled', { method: 'PUT', body: '{"enabled":false}' });
    expect(await evaluate()).toEqual([]);
    expect(await report()).toMatchObject({ holds: false, was_held: true });
    expect(await db.rows("select from ops.alert_rule_findings where rule_name = 'new'")).toEqual([]);
  });
});

describe('a rule that cannot be evaluated', () => {
  test('says so, stops no other, and is tried again', async () => {
    await put('broken', { figure: 'calls', comparison: 'at_least', threshold: 0 });
    await put('sound', { figure: 'calls', comparison: 'at_least', threshold: 0 });
    await db.rows(
      `update ops.alert_rules set rule = jsonb_set(rule, '{window_minutes}', '"none"') where name = 'broken'`,
    );
    const found = Object.fromEntries((await evaluate()).map(({ name, outcome, error }) => [name, [outcome, error]]));
    expect(found).toEqual({
      broken: ['not_evaluated', expect.stringContaining('invalid input syntax for type integer')],
      sound: ['holds', undefined],
    });
    // Not through the API, whose answers have only rules that it takes.
    expect(await db.rows("select outcome, error from ops.alert_rule_states where name = 'broken'")).toEqual([
      { outcome: 'not_evaluated', error: expect.any(String) },
    ]);
    const reports = async () => (await refresh(refresher)).rules?.filter(({ name }) => name === 'broken');
    expect(await reports()).toMatchObject([{ is_failing: true }]);
    await db.rows(`update ops.alert_rules set rule = rule - 'window_minutes' where name = 'broken'`);
    expect(await reports()).toMatchObject([{ holds: true, is_failing: false, was_failing: true }]);
  });

  test('keeps the reports of no other back, even when that cannot be noted', async () => {
    await put('broken', { figure: 'calls', comparison: 'at_least', threshold: 0 });
    await put('sound', { figure: 'calls', comparison: 'at_least', threshold: 0 });
    await db.rows(
      `update ops.alert_rules set rule = jsonb_set(rule, '{window_minutes}', '"none"') where name = 'broken'`,
    );
    const impatient: typeof refresher = {
      ...refresher,
      run: (work, signal) =>
        refresher.run(async (client) => {
          await client.query("set lock_timeout = '50ms'");
          return work(client).finally(() => client.query('reset lock_timeout'));
        }, signal),
    };
    const evaluations: RuleEvaluation[] = [];
    const { failures, rules } = await db.as('owner').run((holder) =>
      inTransaction(holder, async () => {
        await holder.query("select from ops.alert_rule_states where name = 'broken' for update");
        return refresh(impatient, { onEvaluated: (evaluation) => evaluations.push(evaluation) });
      }),
    );
    expect(failures).toEqual([]);
    expect(rules?.find(({ name }) => name === 'sound')).toMatchObject({ holds: true });
    expect(evaluations.find(({ name }) => name === 'broken')?.error).toMatch(
      /invalid input syntax for type integer.*; and that could not be noted: .*lock timeout/,
    );
  });

  test('while the database is down, none is paused', async () => {
    await put('stays_on', { figure: 'calls', comparison: 'at_least', threshold: 0 });
    const down = db.as('refresher');
    const lost: typeof down = {
      ...down,
      run: () => Promise.reject(Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' })),
    };
    for (let minute = 0; minute < 20; minute += 5) await expect(refresh(lost)).rejects.toThrow('terminated');
    expect(await evaluate()).toMatchObject([{ name: 'stays_on', outcome: 'holds' }]);
    expect((await show('stays_on')).enabled).toBe(true);
  });
});

describe('the rules that ship', () => {
  test('are all in the store, on and past their bake period', async () => {
    const fresh = await testDatabase();
    const rows = await fresh.rows(
      'select name, enabled, baked_at is not null as is_baked from ops.alert_rules join ops.alert_rule_states using (name)',
    );
    expect(rows.map(({ name }) => name).sort()).toEqual(SHIPPED_RULES.map(({ name }) => name).sort());
    expect(rows.every(({ enabled, is_baked }) => enabled && is_baked)).toBe(true);
    for (const { rule } of SHIPPED_RULES) alertRule.parse(rule);
  });

  test('are brought up to date unless somebody changed them', async () => {
    const fresh = await testDatabase();
    const [first, second] = SHIPPED_RULES;
    if (!first || !second) throw new Error('no rules ship');
    await fresh.rows(`update ops.alert_rules set rule = jsonb_set(rule, '{threshold}', '7') where name = $1`, [
      first.name,
    ]);
    const alertRules = [
      { ...first, rule: { ...first.rule, threshold: 6 } },
      { ...second, rule: { ...second.rule, threshold: 12 } },
    ];
    await fresh.as('owner').run((client) => migrate(client, { alertRules }));
    expect(
      await fresh.rows("select name, rule ->> 'threshold' as threshold from ops.alert_rules order by name"),
    ).toEqual([
      { name: first.name, threshold: '7' },
      { name: second.name, threshold: '12' },
    ]);
  });
});

describe('500 failures of a webhook id that two tenants have', () => {
  const ID = 'hook-of-two';
  interface Found {
    tenant_id: string;
    resource_id: string;
    severity: string;
    message: string;
  }
  const failures = (count: number, tenant_id: string) =>
    Array.from({ length: count }, (_, at) => {
      const error_message = `delivery ${crypto.randomUUID()} failed`;
      return anInvocation({
        kind: 'webhook',
        name: ID,
        tenant_id,
        ...ours,
        error_message,
        started_at: ago(60_000 + at),
      });
    });
  const seenBy = async (tenant?: string): Promise<Found[]> => {
    const { alerts } = await (await api.get('/v1/alerts', { headers: tenant ? { 'x-tenant-id': tenant } : {} })).json();
    return alerts.filter(({ resource_id }: Found) => resource_id === ID);
  };
  const findings = async () =>
    (await (await api.get('/v1/alert-rules/webhook_failure_critical')).json()).findings.filter(
      ({ name }: { name: string }) => name === ID,
    );

  test('are one condition of each tenant, which lasts, and one report of the rule', async () => {
    await db.rows("update ops.alert_rules set enabled = true where name like 'webhook_failure%'");
    await store(db.as('writer'), [...failures(300, 'acme'), ...failures(200, 'zenith')]);
    const report = async () =>
      (await refresh(refresher)).rules?.filter(({ name }) => name === 'webhook_failure_critical');
    expect(await report()).toMatchObject([{ severity: 'critical', holds: true }]);
    expect(await seenBy('acme')).toMatchObject([
      { tenant_id: 'acme', severity: 'critical', message: 'Webhook has 300 consecutive failures' },
    ]);
    expect(await seenBy('zenith')).toMatchObject([
      { tenant_id: 'zenith', severity: 'critical', message: 'Webhook has 200 consecutive failures' },
    ]);
    expect((await seenBy()).map(({ tenant_id }) => tenant_id).sort()).toEqual(['acme', 'zenith']);
    const before = await findings();
    expect(before).toMatchObject([
      { tenant_id: 'acme', figure: 300 },
      { tenant_id: 'zenith', figure: 200 },
    ]);

    await store(db.as('writer'), failures(500, 'zenith'));
    expect(await report()).toHaveLength(1);
    expect(await findings()).toMatchObject([
      { tenant_id: 'zenith', figure: 700, holds_since: before[1].holds_since },
      { tenant_id: 'acme', figure: 300, holds_since: before[0].holds_since },
    ]);

    // One tenant's success ends its own condition, and no other's.
    await store(db.as('writer'), [
      anInvocation({ kind: 'webhook', name: ID, tenant_id: 'zenith', started_at: ago(0) }),
    ]);
    expect(await report()).toMatchObject([{ holds: true }]);
    expect(await seenBy('zenith')).toEqual([]);
    expect(await seenBy('acme')).toHaveLength(1);
  });
});

describe('a rule that ships and is switched off', () => {
  test('is brought up to date, stays off, and is as it ships again when it is switched on', async () => {
    const fresh = await testDatabase();
    const [first] = SHIPPED_RULES;
    if (!first) throw new Error('no rules ship');
    const served = await serveApi(fresh.as('reader'), [], undefined, undefined, { editor: fresh.as('editor') });
    const turn = async (enabled: boolean) => {
      const path = `/v1/alert-rules/${first.name}/enabled`;
      const response = await served.get(path, { method: 'PUT', body: JSON.stringify({ enabled }) });
      expect(response.status).toBe(200);
      return (await response.json()).rule;
    };
    const ship = (threshold: number) => {
      const alertRules = [{ ...first, rule: { ...first.rule, threshold } }];
      return fresh.as('owner').run((client) => migrate(client, { alertRules }));
    };
    await turn(false);
    await ship(6);
    const { rule } = await (await served.get(`/v1/alert-rules/${first.name}`)).json();
    expect(rule).toMatchObject({ threshold: 6, enabled: false });
    expect(await turn(true)).toMatchObject({ threshold: 6, enabled: true });
    const { state, name, condition, is_shipped, changed_at, changed_by, ...asItIs } = rule;
    const body = JSON.stringify(asItIs);
    expect((await served.get(`/v1/alert-rules/${first.name}`, { method: 'PUT', body })).status).toBe(200);
    await ship(7);
    expect((await (await served.get(`/v1/alert-rules/${first.name}`)).json()).rule).toMatchObject({
      threshold: 7,
      enabled: false,
    });
    await served.close();
  });
});

describe('a backtest', () => {
  const backtest = async (body: object) => {
    const response = await api.get('/v1/alert-rules/backtest', { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, ...(await response.json()) };
  };
  const HOUR_MS = 60 * MINUTE_MS;
  const base = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const at = (hoursAgo: number, minute = 0) => new Date(base - hoursAgo * HOUR_MS + minute * MINUTE_MS).toISOString();

  test('says how often, when and for how long a rule would have held', async () => {
    await store(db.as('writer'), [
      ...[30, 29, 10].flatMap((hours) => calls(5, { name: 'tested', ...ours, started_at: at(hours, 2) })),
      ...calls(2, { name: 'tested', started_at: at(20, 2) }),
      anInvocation({ name: 'oldest', started_at: at(40) }),
    ]);
    await evaluate();
    const rule = {
      figure: 'errors',
      comparison: 'at_least',
      threshold: 5,
      scope: { name: 'tested' },
      window_minutes: 10,
    };
    const report = await backtest({ rule, days: 2 });
    expect(report).toMatchObject({ status: 200, step_minutes: 5, times: 3, minutes: 45, accept: expect.any(String) });
    expect(
      report.firings.map(({ began_at, minutes, figure }: Record<string, unknown>) => [began_at, minutes, figure]),
    ).toEqual([
      [at(10, 5), 15, 5],
      [at(29, 5), 15, 5],
      [at(30, 5), 15, 5],
    ]);
    expect(Date.parse(report.since)).toBeLessThanOrEqual(base - 39 * HOUR_MS);
    expect((await backtest({ rule: { ...rule, threshold: 6 }, days: 2 })).times).toBe(0);
    const hourly = await backtest({ rule: { ...rule, scope: { name: 'tested', tenant: 'acme' }, window_minutes: 60 } });
    expect(hourly).toMatchObject({ status: 200, step_minutes: 60 });
    const inARow = { figure: 'consecutive_failures', comparison: 'at_least', threshold: 10, scope: { name: 'tested' } };
    expect(await backtest({ rule: inARow, days: 2 })).toMatchObject({
      times: 1,
      firings: [{ began_at: at(29, 5), ended_at: at(20, 5) }],
    });
  });

  test('by the hour adds up the window and no more, for a rule that is evaluated by five minutes', async () => {
    await store(db.as('writer'), [
      ...[50, 49].flatMap((hours) => calls(3, { name: 'adjacent', ...ours, started_at: at(hours, 2) })),
      anInvocation({ name: 'oldest', started_at: at(60) }),
    ]);
    await evaluate();
    const rule = { figure: 'errors', comparison: 'at_least', threshold: 5, scope: { name: 'adjacent' } };
    const timesIn = async (window_minutes: number, threshold: number) => {
      const report = await backtest({ rule: { ...rule, window_minutes, threshold }, days: 30 });
      expect(report).toMatchObject({ status: 200, step_minutes: 60 });
      return [report.times, report.minutes];
    };
    expect(await timesIn(60, 5)).toEqual([0, 0]);
    expect(await timesIn(60, 3)).toEqual([1, 120]);
    expect(await timesIn(120, 5)).toEqual([1, 60]);
    expect(await timesIn(180, 5)).toEqual([1, 120]);
  });

  test.each([
    ['calls', 1, 100],
    ['p95_ms', 7, 12],
    ['p95_ms', 1, 87],
  ] as const)('%s over %i days: looks at %i names, those with the most calls', async (figure, days, names) => {
    await db.rows(
      `insert into rollup.tool_5m select date_bin('5 minutes', now() - interval '1 hour', 'epoch'), 'job', 'job_' || n,
         '', '', false, n, 0, 0, 1, 0, 0, 0, 0, now(), array[(7::bigint << 32) | n]
       from generate_series(1, 110) as n on conflict do nothing`,
    );
    const looked = await db.rows<{ name: string }>(
      `select distinct call_name as name
       from rollup.backtest_windows($1, interval '5 minutes', date_trunc('hour', now()) - $2 * interval '1 day',
         date_trunc('hour', now()))`,
      [JSON.stringify({ figure, each: ['name'], min_calls: 1, scope: { kind: 'job' } }), days],
    );
    const busiest = Array.from({ length: names }, (_, at) => `job_${110 - at}`);
    expect(looked.map(({ name }) => name).sort()).toEqual(busiest.sort());
  });

  test('says the same of the alarms of a tool at another limit', async () => {
    await db.rows("insert into analytics.tool_thresholds values ('alarmed', 1000, 0.1, 20, 3)");
    const minutes = [0, 5, 10, 15, 20, 25];
    await store(
      db.as('writer'),
      minutes.flatMap((minute) => [
        ...calls(20, { name: 'alarmed', started_at: at(12, minute + 1), duration_ms: 100 }),
        ...(minute === 5 || minute === 10
          ? calls(12, { name: 'alarmed', ...ours, started_at: at(12, minute + 2) })
          : []),
        ...calls(minute < 15 ? 8 : 0, { name: 'alarmed', started_at: at(12, minute + 3), duration_ms: 800 }),
      ]),
    );
    await evaluate();
    const failing = await backtest({ alarm: { tool: 'alarmed', condition: 'failing' }, days: 1 });
    expect(failing).toMatchObject({ status: 200, times: 1, minutes: 10, accept: null });
    expect(failing.firings[0]).toMatchObject({ began_at: at(12, 15), ended_at: at(12, 25) });
    expect((await backtest({ alarm: { tool: 'alarmed', condition: 'failing', error_rate: 0.6 }, days: 1 })).times).toBe(
      0,
    );
    expect((await backtest({ alarm: { tool: 'alarmed', condition: 'slow' }, days: 1 })).times).toBe(0);
    expect((await backtest({ alarm: { tool: 'alarmed', condition: 'slow', p95_ms: 500 }, days: 1 })).times).toBe(1);
    expect((await backtest({ alarm: { tool: 'none', condition: 'slow' } })).status).toBe(404);
  });

  test('is refused in a sentence where there is no history', async () => {
    const rule = { figure: 'rate_limit_used_pct', comparison: 'above', threshold: 90 };
    expect(await backtest({ rule })).toMatchObject({ status: 400, parameters: ['rule.figure'] });
    expect(await backtest({})).toMatchObject({ status: 400 });
  });
});

describe('whatever rule is accepted', () => {
  const word = fc.oneof(
    fc.constantFrom(
      "o'neill",
      '"; drop table ops.alert_rules; --',
      '%',
      '\\',
      '$1',
      'order_status',
      'acme',
      'ü €',
      'shop',
    ),
    fc
      .string({ minLength: 1, maxLength: 20 })
      .filter((text) => alertRule.safeParse({ ...MINIMAL, scope: { name: text } }).success),
  );
  const rule = fc.record(
    {
      figure: fc.constantFrom(...FIGURE_NAMES),
      comparison: fc.constantFrom(...COMPARISONS),
      threshold: fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(0, -0, 5e-324, 2 ** 53 - 1)),
      measure: fc.option(word, { nil: undefined }),
      slow_ms: fc.option(fc.double({ min: 1e-9, max: 1e8, noNaN: true }), { nil: undefined }),
      window_minutes: fc.option(fc.constantFrom(...WINDOWS), { nil: undefined }),
      scope: fc.record(
        { kind: fc.constantFrom(...KINDS), name: word, tenant: word, provider: word, domain: word, error_group: word },
        { requiredKeys: [] },
      ),
      each: fc.subarray([...EACH]),
      min_calls: fc.nat(10),
    },
    { requiredKeys: ['figure', 'comparison', 'threshold'] },
  );

  test('is evaluated and tried without an error on a store with calls of all kinds', async () => {
    await store(
      db.as('writer'),
      KINDS.flatMap((kind) => [
        ...calls(2, { kind, name: "o'neill", tenant_id: 'acme', domain: 'shop', measures: { shop: 2 }, cost_usd: 0.1 }),
        ...calls(1, { kind, name: 'shop', tenant_id: 'acme', domain: '%', user_id: 'ann', ...ours }),
        ...calls(2, { kind, name: 'shop', tenant_id: 'zenith', ...ours, started_at: ago(3 * DAY_MS) }),
      ]),
    );
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(rule, async (given) => {
        const parsed = alertRule.safeParse(given);
        fc.pre(parsed.success);
        accepted += 1;
        await put('any', given as AlertRuleInput);
        expect(await db.rows("select outcome from rollup.evaluate_alert_rule('any')")).toHaveLength(1);
        const body = JSON.stringify({ rule: given, days: 5 });
        const { status } = await api.get('/v1/alert-rules/backtest', { method: 'POST', body });
        const source = sourceOf(parsed.data as AlertRule);
        expect(status).toBe(['rate_limits', 'users', 'domains'].includes(source) ? 400 : 200);
      }),
      { numRuns: 60 },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});

const MINIMAL = { figure: 'calls', comparison: 'above', threshold: 0 };
