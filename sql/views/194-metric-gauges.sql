-- Gauges for Prometheus: the series, its value now, and whether a call set it. What calls set is shown for as long as
-- rollup.gauge_lifetime() says. active_connections is how many calls were running on average in the five minutes before
-- the last refresh, by which the roll-ups are complete. No rows for one of several tenants.
create view analytics.metric_gauges with (security_barrier) as
select series, value, true as set_by_call
from rollup.gauges
where set_at >= analytics.clock() - rollup.gauge_lifetime() and (select shows_all_calls from rollup.visibility)
union all
select 'database_connections_active', numbackends, false
from pg_stat_database
where datname = current_database() and (select shows_all_calls from rollup.visibility)
union all
select
  format('active_connections{kind="%s"}', kind),
  coalesce((
    select sum(total_us) / 300000000
    from rollup.tool_5m
    where tool_5m.kind = entries.kind
      and bucket = (select date_bin('5 minutes', refreshed_at - interval '5 minutes', timestamptz 'epoch')
                    from analytics.freshness)
  ), 0)::double precision,
  false
from (values ('tool'), ('http')) as entries (kind)
where (select shows_all_calls from rollup.visibility);

grant select on analytics.metric_gauges to toolwatch_reader, toolwatch_operator;
