-- Outside services that calls of [$1, $2) depend on, those with most calls first, at most $5, among the newest $4 calls; and
-- the same among as many calls of [$3, $1), which came before. Only the provider $6, where that is not NULL; of each at
-- most $7 domains and tools. Each row says
-- how many calls were read of each time, and since when. The provider is looked at afterwards, so that the limit is of what
-- is read. The limits are queries of their own because of the planner: by them a search that ends early looks cheap, as it
-- is.
with newest as materialized (
  select provider, domain, kind, name, success, fault, duration_ms, started_at
  from analytics.invocations
  where started_at >= $1::timestamptz and started_at < $2::timestamptz
  order by invocations.started_at desc
  limit (select $4::bigint)
),
newest_before as materialized (
  select provider, success, fault, duration_ms
  from analytics.invocations
  where started_at >= $3::timestamptz and started_at < $1::timestamptz
  order by invocations.started_at desc
  limit (select $4::bigint)
),
calls as (
  select * from newest where provider is not null and ($6::text is null or provider = $6)
),
before as (
  select
    provider,
    count(*)::integer as calls,
    (count(*) filter (where not success and fault = 'dependency'))::integer as failures,
    percentile_cont(0.95) within group (order by duration_ms) filter (where success) as p95_ms
  from newest_before
  where provider is not null and ($6::text is null or provider = $6)
  group by provider
),
figures as materialized (
  select
    provider,
    domain,
    grouping(domain) = 1 as is_total,
    count(*)::integer as calls,
    json_build_object(
      'caller', count(*) filter (where not success and fault = 'caller'),
      'dependency', count(*) filter (where not success and fault = 'dependency'),
      'ours', count(*) filter (where not success and coalesce(fault, 'ours') = 'ours'),
      'platform', count(*) filter (where not success and fault = 'platform')
    ) as failures,
    percentile_cont(0.95) within group (order by duration_ms) filter (where success) as p95_ms,
    max(started_at) filter (where not success and fault = 'dependency') as last_failure_at
  from calls
  group by grouping sets ((provider), (provider, domain))
),
page as materialized (
  select * from figures where is_total order by figures.calls desc, provider limit $5
),
domains as (
  select
    provider,
    json_agg(
      json_build_object('domain', domain, 'calls', calls, 'failures', failures, 'p95_ms', p95_ms) order by place
    ) as domains
  from (
    select figures.*, row_number() over (partition by provider order by figures.calls desc, domain) as place
    from figures
    where not is_total and domain is not null
  ) as ranked
  where place <= $7
  group by provider
),
tools as (
  select
    provider,
    json_agg(json_build_object('tool_name', name, 'calls', calls, 'failures', failures) order by place)
      filter (where place <= $7) as tools,
    count(*)::integer as tool_count
  from (
    select
      provider, name, count(*) as calls, count(*) filter (where not success and fault = 'dependency') as failures,
      row_number() over (partition by provider order by count(*) desc, name) as place
    from calls
    where kind = 'tool'
    group by provider, name
  ) as ranked
  group by provider
)
select
  read.calls_read,
  (select count(*) from newest_before)::integer as calls_read_before,
  to_char(read.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as read_since,
  page.provider, page.calls, page.failures, page.p95_ms,
  to_char(last_failure_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_failure_at,
  coalesce(domains, '[]') as domains,
  coalesce(tools, '[]') as tools,
  coalesce(tool_count, 0) as tool_count,
  json_build_object(
    'calls', coalesce(before.calls, 0), 'failures', coalesce(before.failures, 0), 'p95_ms', before.p95_ms) as before
from (select count(*)::integer as calls_read, min(started_at) as since from newest) as read
left join page on true
left join domains using (provider)
left join tools using (provider)
left join before using (provider)
order by page.calls desc, provider
