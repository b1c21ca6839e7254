-- Every cell of the last 24 hours: whole hours, and five-minute cells for the ragged oldest edge.
create view rollup.cells_24h as
with edges as (
  select
    date_bin('5 minutes', analytics.clock() - interval '24 hours', timestamptz 'epoch') as first_moment,
    date_bin('1 hour', analytics.clock() - interval '23 hours 5 minutes', timestamptz 'epoch') as first_hour
)
select * from rollup.tool_hour where bucket >= (select first_hour from edges)
union all
select * from rollup.tool_5m
where bucket >= (select first_moment from edges) and bucket < (select first_hour from edges);
