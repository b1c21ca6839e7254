-- How many calls were put aside, because they could not be counted, since this was last asked for.
select rollup.report_put_aside() as put_aside
