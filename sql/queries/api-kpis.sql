-- What calls measured in the hours [$1, $2) and, before that, in [$3, $4): one row a measure, those that most calls reported
-- first, at most $7. Only calls of the tool $5, and only the measure $6, where these are not NULL. A tenant's hours are
-- stated, so that they are read from the key. Of what reported a measure in the first hours, the $8 that did most.
with hours as (
  select hour, kind, name, measure, times, total, lowest, highest
  from analytics.measures_hourly
  where tenant_id = (select analytics.scope())
  union all
  select hour, kind, name, measure, times, total, lowest, highest
  from analytics.measures_hourly
  where (select analytics.scope()) = '*'
),
counted as materialized (
  select
    measure, kind, name,
    hour >= $1::timestamptz as is_in_window,
    date_bin('1 day', hour, timestamptz 'epoch') as day,
    sum(times) as times, sum(total) as total, min(lowest) as lowest, max(highest) as highest
  from hours
  where hour >= $3::timestamptz and hour < $2::timestamptz and (hour < $4::timestamptz or hour >= $1::timestamptz)
    and ($5::text is null or (kind = 'tool' and name = $5))
    and ($6::text is null or measure = $6)
  group by measure, kind, name, is_in_window, day
),
days as (
  select
    measure, is_in_window, day,
    sum(times) as times, sum(total) as total, min(lowest) as lowest, max(highest) as highest
  from counted
  group by measure, is_in_window, day
),
names as (
  select
    measure, kind, name, sum(times) as times,
    row_number() over (partition by measure order by sum(times) desc, kind, name) as place
  from counted
  where is_in_window
  group by measure, kind, name
),
reporters as (
  select
    measure,
    json_agg(json_build_object('kind', kind, 'name', name, 'times', times) order by place) filter (where place <= $8)
      as reported_by,
    count(*)::integer as reporter_count
  from names
  group by measure
),
spans as (
  select
    measure,
    coalesce(sum(times) filter (where is_in_window), 0) as times,
    coalesce(sum(total) filter (where is_in_window), 0) as total,
    min(lowest) filter (where is_in_window) as lowest,
    max(highest) filter (where is_in_window) as highest,
    coalesce(sum(times) filter (where not is_in_window), 0) as times_before,
    coalesce(sum(total) filter (where not is_in_window), 0) as total_before,
    min(lowest) filter (where not is_in_window) as lowest_before,
    max(highest) filter (where not is_in_window) as highest_before,
    coalesce(
      json_agg(json_build_object(
        'day', to_char(day at time zone 'UTC', 'YYYY-MM-DD'), 'sum', total::double precision,
        'average', (total / times)::double precision, 'times', times)) filter (where is_in_window),
      '[]') as days
  from days
  group by measure
),
averages as (
  select *, total / nullif(times, 0) as average, total_before / nullif(times_before, 0) as average_before
  from spans
)
select
  measure,
  total::double precision as sum,
  average::double precision as average,
  times::double precision as times,
  lowest::double precision as lowest,
  highest::double precision as highest,
  days,
  json_build_object(
    'sum', total_before::double precision, 'average', average_before::double precision, 'times', times_before,
    'lowest', lowest_before::double precision, 'highest', highest_before::double precision) as before,
  json_build_object(
    'sum', round(100 * (total - total_before) / nullif(abs(total_before), 0), 1)::double precision,
    'average', round(100 * (average - average_before) / nullif(abs(average_before), 0), 1)::double precision,
    'times', round(100 * (times - times_before) / nullif(times_before, 0), 1)::double precision) as change_pct,
  coalesce(reported_by, '[]') as reported_by,
  coalesce(reporter_count, 0) as reporter_count,
  (count(*) over ())::integer as measure_count
from averages
left join reporters using (measure)
order by averages.times desc, measure
limit $7
