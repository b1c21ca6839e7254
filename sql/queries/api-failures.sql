-- The newest failures of the last $1 minutes, at most $4; only those of tool $2 and of fault $3 where not NULL.
-- The words of our own errors are the operator's only: their callers learn only that the tool failed.
select
  event_id, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  tool_name, duration_ms, error_code, error_type,
  case when fault in ('caller', 'dependency') or (select analytics.scope()) = '*' then error_message end as error_message,
  fault, correlation_id
from analytics.recent_failures
where started_at >= (select now() - make_interval(mins => $1))
  and ($2::text is null or tool_name = $2)
  and ($3::text is null or fault = $3)
order by recent_failures.started_at desc, event_id
limit $4
