-- The last 24 hours consist of five-minute cells from first_moment to first_hour and hourly cells from there on.
-- Those of the hourly cells that start before window_until are merged into one window. The two newest hours are not
-- in the window: late calls nearly always belong to one of them, and each late call discards the window.
create view rollup.bounds_24h as
select first_moment, first_hour, first_hour + interval '22 hours' as window_until
from (
  select
    date_bin('5 minutes', analytics.clock() - interval '24 hours', timestamptz 'epoch') as first_moment,
    date_bin('1 hour', analytics.clock() - interval '23 hours 5 minutes', timestamptz 'epoch') as first_hour
) as edges;
