-- What the alarms of the tool $1 would have seen, by five minutes since $3; calls longer than $2 ms are slow. Oldest first.
select (extract(epoch from at) * 1000)::bigint as at_ms, calls, slow, counted, errors
from rollup.backtest_tool($1, $2, $3::timestamptz)
