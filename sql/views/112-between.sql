-- The share-th percentile of so many calls, given the buckets of its two neighbours, in milliseconds.
create function rollup.between(share double precision, calls bigint, below integer, above integer)
returns double precision
language sql immutable parallel safe
as $$
  select rollup.value_of(below)
    + (rollup.value_of(above) - rollup.value_of(below)) * (share * (calls - 1) - floor(share * (calls - 1)))
$$;

grant execute on function rollup.between(double precision, bigint, integer, integer)
  to toolwatch_reader, toolwatch_operator;
