-- The $2 weeks from $1 on: calls of tools, how many tools and tenants there were in them, and calls of tools that do not
-- exist, which have the name $3. Tenants are the $4 that called last. For each tenant and week one cell is looked for,
-- so that not all of them are read.
with weeks as (
  select
    $1::timestamptz + n * interval '7 days' as week_from, $1::timestamptz + (n + 1) * interval '7 days' as week_until
  from generate_series(0, $2::integer - 1) as n
),
calls as (
  select
    date_bin('7 days', day, $1::timestamptz) as week_from,
    sum(total_invocations) filter (where tool_name <> $3) as calls,
    count(distinct tool_name) filter (where tool_name <> $3) as tools_used,
    sum(total_invocations) filter (where tool_name = $3) as unknown_tool_calls
  from analytics.tool_daily
  where day >= $1::timestamptz
  group by 1
),
tenants as materialized (
  select tenant_id, first_called_at, last_called_at
  from rollup.tenants
  order by tenants.last_called_at desc
  limit $4
),
active as (
  select week_from, count(*) as active_tenants
  from weeks
  join tenants on first_called_at < week_until and last_called_at >= week_from
  cross join lateral (
    select
    from rollup.tenant_hour
    where tenant_hour.tenant_id = tenants.tenant_id and bucket >= week_from and bucket < week_until
      and kind = 'tool' and name <> $3
    limit 1
  ) as cell
  group by 1
)
select
  to_char(week_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as from,
  to_char(week_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as until,
  coalesce(calls, 0)::double precision as calls,
  coalesce(tools_used, 0)::integer as tools_used,
  coalesce(unknown_tool_calls, 0)::double precision as unknown_tool_calls,
  coalesce(active_tenants, 0)::integer as active_tenants
from weeks
left join calls using (week_from)
left join active using (week_from)
order by week_from
