-- Stores the thresholds of these tools and deletes all others. $1 is a JSON array of rows.
with given as materialized (
  select * from jsonb_to_recordset($1::jsonb)
    as tool(name text, p95_ms double precision, error_rate double precision, min_calls integer, min_errors integer,
      objective double precision)
),
removed as (
  delete from analytics.tool_thresholds
  where name not in (select name from given)
)
insert into analytics.tool_thresholds (name, p95_ms, error_rate, min_calls, min_errors, objective)
select * from given
on conflict (name) do update set
  p95_ms = excluded.p95_ms,
  error_rate = excluded.error_rate,
  min_calls = excluded.min_calls,
  min_errors = excluded.min_errors,
  objective = excluded.objective
