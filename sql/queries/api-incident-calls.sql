-- The calls that an incident is about, of kind $1 and of the names $2 (all where NULL), from $5 minutes before $3, when
-- its first alarm fired, until $4. A call is bad when it failed: by the fault $6, or where that is NULL by any but its
-- caller's; or, where $7 is not NULL, when it took longer than $7 milliseconds. As for alarms, a call that failed by its
-- caller's fault counts as none, unless that is what is asked for. $8 says whether to find out since when calls are bad: of
-- all minutes up to $3 the one since which they exceed half of the highest share most. $9 says whether to compare with
-- a week ago, and to look for the last call of 24 hours.
--
-- The last half hour is read call by call; what was before from cells of five minutes, as far as calls are in cells. So
-- the figures are exact and their cost is bounded: two hours of calls, seven days of cells, 50,000 bad calls. as_of says
-- since when calls have waited that should be in those cells; NULL when none waits.
with bounds as materialized (
  select
    case when $7::double precision is null then from_at else singly_from end as from_at,
    singly_from,
    until_at,
    case when from_at < singly_from and first_started_at < singly_from and $7::double precision is null
      then waiting_since
    end as as_of
  from (
    select
      from_at,
      until_at,
      greatest(
        from_at,
        date_bin('5 minutes', until_at - interval '2 hours', timestamptz 'epoch'),
        least(
          date_bin(
            '5 minutes',
            until_at - case when $7::double precision is null then interval '30 minutes' else interval '1 hour' end,
            timestamptz 'epoch'
          ),
          date_bin('5 minutes', first_started_at, timestamptz 'epoch')
        )
      ) as singly_from,
      first_started_at,
      waiting_since
    from (
      select
        date_bin(
          '5 minutes',
          greatest($3::timestamptz - make_interval(mins => $5::integer), $4::timestamptz - interval '7 days'),
          timestamptz 'epoch'
        ) as from_at,
        $4::timestamptz as until_at
    ) as asked
    cross join analytics.waiting_calls
  ) as divided
),
parts as materialized (
  select
    date_bin('1 minute', started_at, timestamptz 'epoch') as bucket,
    count(*) as calls,
    count(*) filter (where is_bad) as bad,
    max(started_at) filter (where is_bad) as last_bad_at,
    max(started_at) as last_call_at
  from (
    select
      started_at,
      case
        when $7::double precision is not null then duration_ms > $7::double precision
        when $6::text is not null then not success and coalesce(fault, 'ours') = $6::text
        else not success and coalesce(fault, 'ours') <> 'caller'
      end as is_bad
    from analytics.invocations
    where started_at >= (select singly_from from bounds) and started_at <= (select until_at from bounds)
      and kind = $1 and ($2::text[] is null or name = any ($2::text[]))
      and (success or fault is distinct from 'caller' or $6::text = 'caller' or $7::double precision is not null)
  ) as singly
  group by 1
  union all
  select
    bucket,
    sum(calls)::bigint,
    coalesce(sum(calls) filter (
      where case when $6::text is null then fault not in ('', 'caller') else fault = $6::text end
    ), 0)::bigint,
    null,
    max(last_started_at)
  from rollup.operator_cells_5m
  where bucket >= (select from_at from bounds) and bucket < (select singly_from from bounds)
    and kind = $1 and ($2::text[] is null or name = any ($2::text[]))
    and (fault <> 'caller' or $6::text = 'caller')
  group by bucket
),
peak as materialized (
  select coalesce(max(bad / calls) filter (where calls >= 10), sum(bad) / nullif(sum(calls), 0)) as share
  from (
    select sum(calls) as calls, sum(bad) as bad
    from parts
    group by date_bin('5 minutes', bucket, timestamptz 'epoch')
  ) as windows
),
begin as materialized (
  select
    case
      when $8::boolean then coalesce(
        (
          select bucket
          from (
            select bucket, sum(bad - share / 2 * calls) over (order by bucket desc) as excess
            from parts
            cross join peak
            where bucket <= $3::timestamptz
          ) as candidates
          where excess > 0
          order by excess desc, bucket
          limit 1
        ),
        (select min(bucket) from parts where bad > 0),
        date_bin('1 minute', $3::timestamptz, timestamptz 'epoch')
      )
      else from_at
    end as at
  from bounds
),
bad_calls as materialized (
  (
    select
      started_at, event_id, name, error_code, error_type, error_message, error_fingerprint, fault, provider, version,
      user_id, tenant_id, correlation_id, trace_id, duration_ms
    from analytics.invocations
    where $7::double precision is null and not success
      and case when $6::text is null then coalesce(fault, 'ours') <> 'caller' else coalesce(fault, 'ours') = $6::text end
      and started_at >= (select at from begin) and started_at <= (select until_at from bounds)
      and kind = $1 and ($2::text[] is null or name = any ($2::text[]))
    order by invocations.started_at desc
    limit 50000
  )
  union all
  (
    select
      started_at, event_id, name, error_code, error_type, error_message, error_fingerprint, fault, provider, version,
      user_id, tenant_id, correlation_id, trace_id, duration_ms
    from analytics.invocations
    where $7::double precision is not null and duration_ms > $7::double precision
      and started_at >= (select at from begin) and started_at <= (select until_at from bounds)
      and kind = $1 and ($2::text[] is null or name = any ($2::text[]))
    order by invocations.started_at desc
    limit 50000
  )
),
leading_group as materialized (
  select name, error_fingerprint, error_code, fault, count(*) as calls
  from bad_calls
  group by name, error_fingerprint, error_code, fault
  order by calls desc, max(started_at) desc
  limit 1
),
example as (
  select bad_calls.*, leading_group.calls
  from bad_calls
  join leading_group on bad_calls.name = leading_group.name
    and bad_calls.error_fingerprint is not distinct from leading_group.error_fingerprint
    and bad_calls.error_code is not distinct from leading_group.error_code
    and bad_calls.fault is not distinct from leading_group.fault
  -- Of slow calls the slowest, else the newest.
  order by case when $7::double precision is not null then duration_ms end desc nulls last, started_at desc
  limit 1
)
select
  to_char((select at from begin) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as began_at,
  totals.calls,
  totals.bad_calls,
  (select round(100 * share, 1)::double precision from peak) as peak_pct,
  to_char(
    greatest(totals.last_bad_at, sample.last_bad_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
  ) as last_bad_at,
  to_char((select as_of from bounds) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as as_of,
  sample.users,
  sample.tenants,
  sample.tenant,
  sample.calls = 50000 as is_sample,
  (
    select coalesce(json_agg(json_build_object('fault', fault, 'calls', calls) order by calls desc, fault), '[]')
    from (
      select coalesce(fault, 'ours') as fault, count(*) as calls
      from bad_calls
      where $7::double precision is null
      group by 1
    ) as by_fault
  ) as faults,
  (
    select coalesce(json_agg(json_build_object('error_code', code, 'calls', calls) order by calls desc, code), '[]')
    from (
      select coalesce(error_code, 'INTERNAL_ERROR') as code, count(*) as calls
      from bad_calls
      where $7::double precision is null
      group by 1
    ) as by_code
  ) as codes,
  (
    select json_build_object('provider', provider, 'calls', count(*))
    from bad_calls
    where provider is not null and fault = 'dependency'
    group by provider
    order by count(*) desc, provider
    limit 1
  ) as provider,
  (
    select json_build_object('version', version, 'calls', count(*))
    from bad_calls
    group by version
    order by count(*) desc, version
    limit 1
  ) as version,
  (
    select json_build_object(
      'name', name, 'calls', calls, 'error_code', error_code, 'error_type', error_type,
      'error_message', error_message, 'correlation_id', correlation_id, 'trace_id', trace_id, 'duration_ms', duration_ms
    )
    from example
  ) as example,
  case when $7::double precision is not null then (
    select percentile_cont(0.95) within group (order by duration_ms)
    from analytics.invocations
    where started_at >= (select at from begin) and started_at <= (select until_at from bounds)
      and kind = $1 and ($2::text[] is null or name = any ($2::text[]))
  ) end as p95_ms,
  case when $9::boolean then to_char(
    greatest(totals.last_call_at, (
      select max(last_started_at)
      from rollup.operator_cells_5m
      where bucket >= (select until_at from bounds) - interval '1 day' and bucket < (select singly_from from bounds)
        and kind = $1 and ($2::text[] is null or name = any ($2::text[]))
    )) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
  ) end as last_call_at,
  case when $9::boolean then (
    select coalesce(sum(calls), 0)::integer
    from rollup.operator_cells_5m
    where bucket >= (select at from begin) - interval '7 days'
      and bucket < (select until_at from bounds) - interval '7 days'
      and kind = $1 and ($2::text[] is null or name = any ($2::text[]))
  ) end as calls_week_before
from (
  select
    coalesce(sum(calls), 0)::integer as calls,
    coalesce(sum(bad), 0)::integer as bad_calls,
    max(last_bad_at) as last_bad_at,
    max(last_call_at) as last_call_at
  from parts
  where bucket >= (select at from begin)
) as totals
cross join (
  select
    count(*)::integer as calls,
    count(distinct user_id)::integer as users,
    (count(distinct tenant_id) filter (where tenant_id <> 'default'))::integer as tenants,
    case when min(tenant_id) = max(tenant_id) then nullif(min(tenant_id), 'default') end as tenant,
    max(started_at) as last_bad_at
  from bad_calls
) as sample
