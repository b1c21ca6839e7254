-- Each tool since the newest deployment and in the 24 hours before it. failures leaves out those that are the caller's
-- fault. Counts full hours, and five minutes at a time in the hour of the deployment; the five minutes in which it
-- happened count on neither side. That hour of one of several tenants is read from its calls.
create view analytics.errors_since_deployment with (security_barrier) as
with newest as (
  select version, started_at, date_bin('1 hour', started_at, timestamptz 'epoch') as hour
  from analytics.deployments
  order by started_at desc, deployment_id desc
  limit 1
),
hours as (
  select name, bucket, fault, calls
  from rollup.tool_hour
  where kind = 'tool' and bucket >= (select hour - interval '24 hours' from newest)
    and (select shows_all_calls from rollup.visibility)
  union all
  select name, bucket, fault, calls
  from rollup.tenant_hour
  where kind = 'tool' and tenant_id = (select analytics.scope())
    and bucket >= (select hour - interval '24 hours' from newest)
    and (select shows_own_calls from rollup.visibility)
),
-- Of the hour of the deployment.
five_minutes as (
  select name, bucket, fault, calls
  from rollup.tool_5m
  where kind = 'tool'
    and bucket >= (select hour from newest) and bucket < (select hour + interval '1 hour' from newest)
    and (select shows_all_calls from rollup.visibility)
  union all
  select
    rollup.key_of(name), date_bin('5 minutes', started_at, timestamptz 'epoch'),
    case when success then '' else coalesce(fault, 'ours') end, 1
  from analytics.invocations
  where kind = 'tool' and tenant_id = (select analytics.scope())
    and started_at >= (select hour from newest) and started_at < (select hour + interval '1 hour' from newest)
    and (select shows_own_calls from rollup.visibility)
),
cells as (
  select name, fault, calls, bucket >= started_at as is_since
  from hours
  cross join newest
  where bucket <> hour
  union all
  select name, fault, calls, bucket >= started_at
  from five_minutes
  cross join newest
  where bucket >= started_at or bucket <= started_at - interval '5 minutes'
),
totals as (
  select
    name,
    coalesce(sum(calls) filter (where is_since), 0)::bigint as calls,
    coalesce(sum(calls) filter (where is_since and fault not in ('', 'caller')), 0)::bigint as failures,
    coalesce(sum(calls) filter (where not is_since), 0)::bigint as calls_before,
    coalesce(sum(calls) filter (where not is_since and fault not in ('', 'caller')), 0)::bigint as failures_before
  from cells
  group by name
)
select
  name as tool_name,
  version,
  started_at as deployed_at,
  calls,
  failures,
  round(100.0 * failures / nullif(calls, 0), 2) as failure_rate_pct,
  calls_before,
  failures_before,
  round(100.0 * failures_before / nullif(calls_before, 0), 2) as failure_rate_pct_before
from totals
cross join newest;

grant select on analytics.errors_since_deployment to toolwatch_reader, toolwatch_operator;
