-- How far the summaries lag: when they were last known to be current, and how old the newest rolled-up call is.
create view analytics.freshness with (security_barrier) as
select
  refreshed_at,
  extract(epoch from now() - refreshed_at)::double precision as age_seconds,
  newest_call_at,
  extract(epoch from now() - newest_call_at)::double precision as data_age_seconds,
  (select count(*) from rollup.pending_batches) as pending_batches
from (
  select
    (select min(latest) from (
      select max(started_at) as latest
      from analytics.refresh_log
      where view_name <> 'roll_up' and outcome <> 'failed'
      group by view_name
    ) as by_view) as refreshed_at,
    (select max(last_called_at) from rollup.tenants) as newest_call_at
) as latest_times;

grant select on analytics.freshness to toolwatch_reader, toolwatch_refresher, toolwatch_operator;
