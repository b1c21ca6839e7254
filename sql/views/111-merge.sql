-- Two histograms in one, each bucket once, in order.
create function rollup.merge(one bigint[], other bigint[]) returns bigint[]
language sql immutable parallel safe
as $$
  select array_agg((bucket << 32) + calls order by bucket)
  from (
    select element >> 32 as bucket, sum((element & 4294967295)::integer) as calls
    from unnest(one || other) as element
    group by 1
  ) as summed
$$;

-- Many histograms in one; a bucket may occur more than once.
create aggregate rollup.gathered(bigint[]) (sfunc = array_cat, stype = bigint[], initcond = '{}', parallel = safe);

-- The share-th percentile (0 to 1) of a histogram in milliseconds, between its two neighbours as percentile_cont puts it; within 1 %.
create function rollup.percentile(share double precision, histogram bigint[]) returns double precision
language sql immutable parallel safe
as $$
  select below + (above - below) * (place - floor(place))
  from (
    select
      rollup.value_of(min(bucket) filter (where upto > floor(place))) as below,
      rollup.value_of(min(bucket) filter (where upto > ceil(place))) as above,
      min(place) as place
    from (
      select
        bucket,
        sum(calls) over (order by bucket) as upto,
        share * (sum(calls) over () - 1)::double precision as place
      from (
        select (element >> 32)::integer as bucket, sum((element & 4294967295)::integer)::integer as calls
        from unnest(histogram) as element
        group by 1
      ) as summed
    ) as ranked
  ) as neighbours
$$;

grant execute on function rollup.merge(bigint[], bigint[]), rollup.gathered(bigint[]),
  rollup.percentile(double precision, bigint[])
  to toolwatch_reader, toolwatch_operator;
