-- Every cell of the last 24 hours: the window if it is merged, the hours after it, and the five-minute cells of the
-- oldest, incomplete hour.
create view rollup.cells_24h as
with bounds as materialized (
  select
    first_moment, first_hour,
    case
      when exists (select from rollup.operator_window where bucket = first_hour) then window_until
      else first_hour
    end as hours_from
  from rollup.bounds_24h
)
select * from rollup.operator_window where bucket = (select first_hour from bounds)
union all
select * from rollup.tool_hour where bucket >= (select hours_from from bounds)
union all
select * from rollup.tool_5m
where bucket >= (select first_moment from bounds) and bucket < (select first_hour from bounds);
