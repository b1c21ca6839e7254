-- The number of the histogram bucket that holds a duration in milliseconds: -1 for a duration of zero, otherwise the
-- i for which the nanoseconds are in (g^(i-1), g^i], with g = 1.0099/0.9901. Stored histograms depend on g: changing
-- it means storing histograms in another column.
create function rollup.bucket_of(duration_ms double precision) returns integer
language sql immutable parallel safe
as $$
  select case
    when duration_ms < 0.000001 then -1
    else ceil(ln(duration_ms * 1000000) / 0.019800646904042266)::integer
  end
$$;

-- The duration that represents a histogram bucket, in milliseconds; off by 0.99 % at most.
create function rollup.value_of(bucket integer) returns double precision
language sql immutable parallel safe
as $$
  select case
    when bucket < 0 then 0
    else 0.9901 * exp(bucket * 0.019800646904042266::double precision) / 1000000
  end
$$;

grant execute on function rollup.bucket_of(double precision), rollup.value_of(integer)
  to toolwatch_reader, toolwatch_operator;
