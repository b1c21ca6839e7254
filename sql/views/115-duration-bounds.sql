-- The upper bounds of the buckets that Prometheus is shown, in seconds: those that its clients use by default, and some
-- for long calls. What counts beyond the last is in one more bucket.
create function rollup.duration_bounds() returns double precision[]
language sql immutable parallel safe
as $$
  select array[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600]::double precision[]
$$;

-- For each bound, the number of the first bucket of a histogram that is above it. Those buckets are 2 % wide, and the
-- one that a bound is in counts as below it: every call up to the bound is counted there, and some that took up to 2 %
-- longer.
create function rollup.slots_above_bounds() returns integer[]
language sql immutable parallel safe
as $$
  select array_agg(rollup.bucket_of(bound * 1000) + 1 order by bound)
  from unnest(rollup.duration_bounds()) as bound
$$;

-- The place of the bound, from 1, up to which a bucket of a histogram is counted.
create function rollup.bound_of(slot integer) returns integer
language sql immutable parallel safe
as $$ select width_bucket(slot, rollup.slots_above_bounds()) + 1 $$;

-- Counts by the place of their bound, as a list with all bounds and what is beyond them; NULL without any.
create function rollup.spread(places integer[], times bigint[]) returns bigint[]
language plpgsql immutable parallel safe
as $$
declare
  counts bigint[];
begin
  if places is null then
    return null;
  end if;
  counts := array_fill(0::bigint, array[cardinality(rollup.duration_bounds()) + 1]);
  for at in 1..cardinality(places) loop
    counts[places[at]] := times[at];
  end loop;
  return counts;
end
$$;

grant execute on function rollup.duration_bounds() to toolwatch_reader, toolwatch_operator;
