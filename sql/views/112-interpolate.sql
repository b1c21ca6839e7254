-- The percentile at this share (0 to 1) of that many calls, in milliseconds, given the histogram buckets of the two
-- calls nearest to it.
create function rollup.interpolate(share double precision, calls bigint, below integer, above integer)
returns double precision
language sql immutable parallel safe
as $$
  select rollup.value_of(below)
    + (rollup.value_of(above) - rollup.value_of(below)) * (share * (calls - 1) - floor(share * (calls - 1)))
$$;

grant execute on function rollup.interpolate(double precision, bigint, integer, integer)
  to toolwatch_reader, toolwatch_operator;
