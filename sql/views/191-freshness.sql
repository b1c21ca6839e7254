-- How far the summaries lag. refreshed_at is the time until which they are current: that of their last refresh, or
-- that of the oldest calls that wait to be counted, if these were stored before it; NULL before the first refresh.
-- waiting_since is NULL when no calls wait. put_aside is how many calls could not be counted and are rejects.
create view analytics.freshness with (security_barrier) as
with refreshes as (
  select min(latest) as refreshed_at
  from (
    select max(started_at) as latest
    from analytics.refresh_log
    where view_name <> 'roll_up' and outcome <> 'failed'
    group by view_name
  ) as by_view
),
waiting as (
  select
    count(*) as pending_batches,
    least(
      min(noted_at), (select min(noted_at) from rollup.uncounted_calls where reason is null)
    ) as waiting_since
  from rollup.pending_batches
),
times as (
  select
    case when refreshed_at is not null then least(refreshed_at, waiting_since) end as refreshed_at,
    (select max(last_called_at) from rollup.tenants) as newest_call_at,
    pending_batches,
    waiting_since
  from refreshes
  cross join waiting
)
select
  refreshed_at,
  extract(epoch from now() - refreshed_at)::double precision as age_seconds,
  newest_call_at,
  extract(epoch from now() - newest_call_at)::double precision as data_age_seconds,
  pending_batches,
  waiting_since,
  extract(epoch from now() - waiting_since)::double precision as waiting_seconds,
  (select count(*) from rollup.uncounted_calls where reason is not null) as put_aside
from times;

grant select on analytics.freshness to toolwatch_reader, toolwatch_refresher, toolwatch_operator;
