-- Operations that name a domain, since $1, of the provider $2, the domain $3 and the operation $4, where these are not
-- NULL: figures of the newest $6, and the newest $5 of them. The words of our own errors are the operator's only. The
-- limit is a query of its own because of the planner: by it a search that ends early looks cheap, as it is.
with newest as materialized (
  select started_at, event_id, name, duration_ms, success, error_type
  from analytics.invocations
  where domain is not null and started_at >= $1::timestamptz
    and ($2::text is null or provider = $2)
    and ($3::text is null or domain = $3)
    and ($4::text is null or name = $4)
  order by invocations.started_at desc, event_id desc
  limit (select $6::bigint)
),
first_ones as materialized (
  select started_at, event_id
  from newest
  order by newest.started_at desc, event_id desc
  limit $5
),
listed as (
  select
    call.event_id as id, name as operation, analytics.to_integer(duration_ms) as duration_ms, success, error_type,
    error_message, domain,
    case
      when metadata ->> 'customer_config_id' ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
        then metadata ->> 'customer_config_id'
    end as customer_config_id,
    user_agent,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
  from first_ones
  cross join lateral (
    select *
    from analytics.single_calls
    where single_calls.started_at = first_ones.started_at and single_calls.event_id = first_ones.event_id
    limit 1
  ) as call
  order by first_ones.started_at desc, first_ones.event_id desc
)
select
  count(*)::integer as total_operations,
  round(100.0 * count(*) filter (where success) / nullif(count(*), 0), 1)::double precision as success_rate,
  round(avg(duration_ms))::double precision as avg_duration_ms,
  to_char(min(started_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as first_at,
  (select coalesce(json_agg(row_to_json(listed)), '[]') from listed) as metrics,
  coalesce((
    select json_object_agg(name, calls order by calls desc, name)
    from (select name, count(*) as calls from newest group by name order by calls desc, name limit 100) as by_type
  ), '{}') as operations_by_type,
  coalesce((
    select json_object_agg(error_type, calls order by calls desc, error_type)
    from (
      select coalesce(error_type, 'unknown') as error_type, count(*) as calls
      from newest
      where not success
      group by 1
      order by calls desc, 1
      limit 100
    ) as by_error
  ), '{}') as errors_by_type
from newest
