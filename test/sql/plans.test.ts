import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readStatement } from '../../lambdas/database/statements.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
/** Days of calls beside today. */
const DAYS = 8;

/**
 * 4,000 calls a day, stored when they were made; of one tool and one shop only forty, of synchronisations and deliveries
 * one in 400 each. A row is as long as those with metadata are.
 */
beforeAll(async () => {
  await db.rows('select analytics.make_days(current_date - $1::integer, current_date + 1)', [DAYS]);
  await db.rows(
    `insert into analytics.invocations (
       started_at, finished_at, created_at, batch_id, duration_ms, event_id, attempts, cold_start, success, kind, name,
       tenant_id, service, environment, version, correlation_id, error_code, fault, provider, domain, metadata
     )
     select
       moment, moment, moment, number / 2000, 100, gen_random_uuid(), 1, false, number % 50 > 0,
       case number % 400 when 0 then 'sync' when 9 then 'webhook' else 'tool' end,
       case
         when number % 400 in (0, 9) then 'inbound:contact'
         when number between 9001 and 9040 then 'rare_tool'
         else 'tool_' || number % 30
       end,
       'tenant-' || number / 7 % 5, 's', 'e', '1', 'c', case when number % 50 = 0 then 'TIMEOUT' end,
       case when number % 50 = 0 then 'dependency' end, 'woocommerce',
       case when number between 9001 and 9040 then 'rare.example.com' when number % 3 = 0 then 'shop.example.com' end,
       jsonb_build_object('items', number, 'note', repeat('x', 1000))
     from generate_series(1, 4000 * ($1::integer + 1)) as number
     cross join lateral (
       select (current_date - $1::integer)::timestamp at time zone 'UTC' + number * interval '21.6 seconds' as moment
     ) as times
     where moment < now()`,
    [DAYS],
  );
  await db.rows('vacuum analyze analytics.invocations');
});

interface Plan {
  'Node Type': string;
  'Actual Loops': number;
  'Actual Rows': number;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** The parts of a statement's plan that were run. A tenant reads as the API does, nobody as a person of the operator's. */
const runPlan = (text: string, scope?: string, values: unknown[] = []): Promise<Plan[]> =>
  db.as(scope === undefined ? 'operator' : 'reader').run(async (client) => {
    await client.query('begin');
    if (scope !== undefined) await client.query('select analytics.read_as($1)', [scope]);
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `explain (analyze, buffers, format json) ${text}`,
      values,
    );
    await client.query('rollback');
    return rows.flatMap((row) => nodesOf(row['QUERY PLAN'][0].Plan)).filter((node) => node['Actual Loops'] > 0);
  });

const dayOf = ({ 'Relation Name': name = '' }: Plan): string | undefined => /^invocations_(\d{8})$/.exec(name)?.[1];

/** Partitions of past days that a plan reads from end to end: yesterday may be a part of the last hours. */
const findDaysReadWhole = (plan: Plan[]): string[] => {
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  return plan
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .flatMap((node) => dayOf(node) ?? [])
    .filter((day) => day < yesterday);
};

/** How many pages of calls and of their indexes a plan reads, as a share of all pages of calls. */
const shareReadBy = async (plan: Plan[]): Promise<number> => {
  const [all] = await db.rows<{ pages: number }>(
    `select sum(pg_relation_size(inhrelid))::float8 / 8192 as pages
     from pg_inherits where inhparent = 'analytics.invocations'::regclass`,
  );
  // What reads a partition includes the scan of its index.
  return plan
    .filter((node) => dayOf(node) !== undefined)
    .reduce((sum, node) => sum + (node['Shared Hit Blocks'] + node['Shared Read Blocks']) / (all?.pages ?? 0), 0);
};

const FOLDER = join(import.meta.dirname, 'seeds');
const PRINTED = readdirSync(FOLDER);

describe('a statement as users of earlier systems run it reads no past day from end to end', () => {
  test.each(PRINTED)('%s', async (file) => {
    const plan = await runPlan(readFileSync(join(FOLDER, file), 'utf8'));
    expect(findDaysReadWhole(plan)).toEqual([]);
    // An hour of eight days, and one in 400 calls of all of them, are far less.
    expect(await shareReadBy(plan)).toBeLessThan(0.1);
  });
});

describe('what the store knows of an incident is found without reading a past day from end to end', () => {
  const now = new Date();
  test.each([
    ['of minutes', ['tool', ['tool_7'], now, now, 35, null, null, true, false]],
    ['of a week', ['tool', ['tool_7'], now, now, 10_080, null, null, true, false]],
    ['of all tools over a day', ['tool', null, now, now, 1_440, null, null, false, false]],
    ['of what is slow', ['tool', ['tool_7'], now, now, 10_080, null, 50, true, false]],
    ['of what is silent', ['tool', ['tool_7'], now, now, 30, null, null, false, true]],
  ])('%s', async (_, values) => {
    const plan = await runPlan(readStatement('api-incident-calls'), '*', values);
    expect(findDaysReadWhole(plan)).toEqual([]);
    expect(await shareReadBy(plan)).toBeLessThan(0.25);
  });
});

/** What people ask of single calls, by when they were stored, by tool and by domain. */
const QUESTIONS: Record<string, string> = {
  'the calls of the last hour': `
    select tool_name, success from analytics.tool_invocations where created_at >= now() - interval '1 hour'`,
  // In one hour a tenant may have none.
  "a tool's calls of the last three hours": `
    select success, count(*) from analytics.tool_invocations
    where tool_name = 'tool_7' and created_at >= now() - interval '3 hours'
    group by success`,
  'a rare tool at any time': "select * from analytics.tool_invocations where tool_name = 'rare_tool'",
  "a shop's operations of the last hour": `
    select * from woocommerce_usage_metrics
    where domain = 'shop.example.com' and created_at >= now() - interval '1 hour'
    order by created_at desc limit 100`,
  'the operations of a rare shop at any time': `
    select * from woocommerce_usage_metrics where domain = 'rare.example.com' order by created_at desc limit 100`,
  'an operation, of every shop': `
    select domain, count(*) from woocommerce_usage_metrics where operation = 'rare_tool' and success group by domain`,
  "the last hour's operations of all systems": `
    select provider, avg(duration_ms) from integration_operations
    where created_at >= now() - interval '1 hour' group by provider`,
  'the newest failures with a code': `
    select * from analytics.tool_invocations
    where success = false and error_code = 'TIMEOUT' and started_at >= now() - interval '12 hours'
    order by started_at desc limit 20`,
  "a tool's successes and failures of six hours": `
    select success, count(*) from analytics.tool_invocations
    where tool_name = 'tool_7' and started_at >= now() - interval '6 hours'
    group by success`,
  "one customer's operations of the last hour": `
    select operation, count(*) from woocommerce_usage_metrics
    where created_at >= now() - interval '1 hour' and success and customer_config_id is null
    group by operation`,
  'the last deliveries': 'select * from webhook_deliveries order by sent_at desc limit 10',
};

describe.each(['*', 'tenant-3'])('with the scope %s an index finds', (scope) => {
  test.each(Object.entries(QUESTIONS))('%s', async (_question, text) => {
    const plan = await runPlan(text, scope);
    expect(plan.filter((node) => dayOf(node) !== undefined && node['Actual Rows'] > 0)).not.toEqual([]);
    expect(findDaysReadWhole(plan)).toEqual([]);
    expect(await shareReadBy(plan)).toBeLessThan(0.1);
  });
});

test.each(['recent_calls', 'errors_since_deployment', 'tool_trend_24h'])(
  'for one of several tenants %s reads an hour of calls at most, by their key',
  async (view) => {
    await db.rows(`insert into rollup.tenants select 'tenant-' || n, now(), now() from generate_series(0, 4) as n
      on conflict do nothing`);
    await db.rows(`insert into analytics.deployments (version, environment, started_at, migrations)
      select '1', 'e', now() - interval '3 days', '{}' where not exists (select from analytics.deployments)`);
    const plan = await runPlan(`select * from analytics.${view}`, 'tenant-3');
    // Days to come are empty, and today may have been so short that reading all of it is quickest.
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    const ofPastDays = plan.filter((node) => (dayOf(node) ?? today) < today && node['Shared Hit Blocks'] > 0);
    expect(ofPastDays.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    // An hour is a two-hundredth of these days.
    expect(await shareReadBy(ofPastDays)).toBeLessThan(0.02);
  },
);
