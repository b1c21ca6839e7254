-- The history that a backtest of the rule $1 over $2 days has.
select
  to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since,
  to_char(until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as until,
  (extract(epoch from step) / 60)::integer as step_minutes
from rollup.backtest_span($1::jsonb, $2)
