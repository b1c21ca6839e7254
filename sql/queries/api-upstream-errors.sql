-- What outside services do to the tools that depend on them, by provider, code and type, those seen last first; at most $1.
select
  provider, error_code, error_type, names, first_names, groups, state, calls, calls_24h,
  to_char(first_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as first_seen_at,
  to_char(last_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_seen_at,
  last_group_id
from analytics.v_upstream_errors
order by v_upstream_errors.last_seen_at desc, provider, error_code, error_type
limit $1
