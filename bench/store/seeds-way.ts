import type pg from 'pg';
import type { Invocation } from '../../lambdas/contract/invocation.ts';

/** The table that this store replaces, as its document defines it: own id, five indexes, views over the raw rows. */
const TABLE = `
create schema seeds;
create table seeds.tool_invocations (
  id uuid primary key default gen_random_uuid(),
  tool_name text not null, user_id text, session_id text, gpt_name text,
  started_at timestamptz not null, finished_at timestamptz not null, duration_ms double precision not null,
  success boolean not null, error_code text, provider text, source_gpt text,
  metadata jsonb default '{}', created_at timestamptz not null default now(),
  tenant_id text not null
);`;

const INDEXES = `
create index idx_tool_invocations_tool_name on seeds.tool_invocations (tool_name);
create index idx_tool_invocations_created_at on seeds.tool_invocations (created_at);
create index idx_tool_invocations_success on seeds.tool_invocations (success);
create index idx_tool_invocations_tool_time_success on seeds.tool_invocations (tool_name, created_at, success);
create index idx_tool_invocations_error_code on seeds.tool_invocations (error_code) where error_code is not null;`;

const VIEWS = `
create materialized view seeds.tool_error_rate_24h as
select
  tool_name, count(*) as total_invocations, count(*) filter (where not success) as error_count,
  round(100.0 * count(*) filter (where not success) / count(*), 2) as error_rate_pct,
  mode() within group (order by error_code) filter (where not success) as most_common_error,
  count(distinct error_code) as unique_error_codes
from seeds.tool_invocations
where created_at >= now() - interval '24 hours'
group by tool_name
order by error_rate_pct desc;
create unique index on seeds.tool_error_rate_24h (tool_name);
create materialized view seeds.tool_latency_p50_p95_24h as
select
  tool_name, percentile_cont(0.5) within group (order by duration_ms) as p50_ms,
  percentile_cont(0.95) within group (order by duration_ms) as p95_ms,
  avg(duration_ms) as avg_ms, min(duration_ms) as min_ms, max(duration_ms) as max_ms
from seeds.tool_invocations
where success and created_at >= now() - interval '24 hours'
group by tool_name
order by p95_ms desc;
create unique index on seeds.tool_latency_p50_p95_24h (tool_name);`;

/** Creates the empty table with its indexes. */
export const createSeedsTable = async (client: pg.Client): Promise<void> => {
  await client.query(TABLE + INDEXES);
};

/** Creates the table with the calls in the store, whose created_at is their started_at; then its indexes and views. */
export const copyToSeedsTable = async (client: pg.Client): Promise<void> => {
  await client.query('drop schema if exists seeds cascade');
  await client.query(TABLE);
  await client.query(`
    insert into seeds.tool_invocations
    select event_id, name, user_id, session_id, gpt_name, started_at, finished_at, duration_ms, success, error_code,
      provider, source_gpt, metadata, started_at, tenant_id
    from analytics.invocations`);
  await client.query(INDEXES);
  await client.query('vacuum analyze seeds.tool_invocations');
  await client.query(VIEWS);
};

/** Stores one call in one statement. */
export const insertIntoSeedsTable = (client: pg.Client, record: Invocation): Promise<unknown> =>
  client.query({
    name: 'seeds-insert',
    text: `insert into seeds.tool_invocations (tool_name, user_id, session_id, gpt_name, started_at, finished_at,
      duration_ms, success, error_code, provider, source_gpt, metadata, tenant_id)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    values: [
      record.name,
      record.user_id,
      record.session_id,
      record.gpt_name,
      record.started_at,
      record.finished_at,
      record.duration_ms,
      record.success,
      record.error_code,
      record.provider,
      record.source_gpt,
      record.metadata,
      record.tenant_id,
    ],
  });
