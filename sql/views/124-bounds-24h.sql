-- Where the parts of the last 24 hours meet: five-minute cells from first_moment to first_hour, whole hours since, those
-- until window_until merged into one window. All hours but the two at hand, for calls are late most often in the last.
create view rollup.bounds_24h as
select first_moment, first_hour, first_hour + interval '22 hours' as window_until
from (
  select
    date_bin('5 minutes', analytics.clock() - interval '24 hours', timestamptz 'epoch') as first_moment,
    date_bin('1 hour', analytics.clock() - interval '23 hours 5 minutes', timestamptz 'epoch') as first_hour
) as edges;
