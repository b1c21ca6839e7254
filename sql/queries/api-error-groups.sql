-- Groups of failures, those seen last first: of kind $1, name $2, provider $3, state $4, fault $5, first or last seen in
-- version $6, with the id $7, where these are not NULL; at most $8, after the group that was seen at $9 and has the id
-- $10, where these are not NULL. The words of our own errors are the operator's only.
with page as materialized (
  select group_id
  from analytics.v_error_groups
  where ($1::text is null or kind = $1)
    and ($2::text is null or name = $2)
    and ($3::text is null or provider = $3)
    and ($4::text is null or state = $4)
    and ($5::text is null or fault = $5)
    and ($6::text is null or $6 in (first_version, last_version))
    and ($7::text is null or group_id = $7)
    and ($9::timestamptz is null or (last_seen_at, $10::text) < ($9::timestamptz, group_id))
  order by last_seen_at desc, group_id
  limit $8
)
select
  group_id, kind, name, fingerprint, error_code, fault, error_type,
  case when fault in ('caller', 'dependency') or (select analytics.scope()) = '*' then error_message end as error_message,
  provider, state, calls, calls_24h, users, tenants,
  to_char(first_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as first_seen_at,
  to_char(last_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as last_seen_at,
  first_version, last_version, last_event_id, last_correlation_id, last_trace_id,
  resolved_in_version, state_reason, state_changed_by, regressed_version,
  to_char(muted_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as muted_until,
  to_char(state_changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as state_changed_at,
  to_char(regressed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as regressed_at
from analytics.v_error_groups
where group_id = any (array(select group_id from page))
order by v_error_groups.last_seen_at desc, group_id
