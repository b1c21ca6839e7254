-- When the rule $1 would have been on, in steps of $2 minutes from $3 to $4: the newest first, beside how often and for how
-- many steps altogether.
select
  to_char(began_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as began_at,
  to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ended_at,
  steps, figure, tenant_id, call_name as name, all_times, all_steps
from rollup.backtest_alert_rule($1::jsonb, make_interval(mins => $2), $3::timestamptz, $4::timestamptz)
