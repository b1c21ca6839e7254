-- Two histograms as one that names each bucket once, in ascending order.
create function rollup.merge(histogram bigint[], other_histogram bigint[]) returns bigint[]
language sql immutable parallel safe
as $$
  select array_agg((bucket << 32) + calls order by bucket)
  from (
    select element >> 32 as bucket, sum((element & 4294967295)::integer) as calls
    from unnest(histogram || other_histogram) as element
    group by 1
  ) as summed
$$;

-- Many histograms as one in which a bucket may occur more than once.
create aggregate rollup.concat_agg(bigint[]) (sfunc = array_cat, stype = bigint[], initcond = '{}', parallel = safe);

-- The percentile of a histogram at this share (0 to 1), in milliseconds, within 1 %. Interpolates between the two
-- neighbouring calls as percentile_cont does.
create function rollup.percentile(share double precision, histogram bigint[]) returns double precision
language sql immutable parallel safe
as $$
  select below + (above - below) * (rank - floor(rank))
  from (
    select
      rollup.value_of(min(bucket) filter (where calls_upto > floor(rank))) as below,
      rollup.value_of(min(bucket) filter (where calls_upto > ceil(rank))) as above,
      min(rank) as rank
    from (
      select
        bucket,
        sum(calls) over (order by bucket) as calls_upto,
        share * (sum(calls) over () - 1)::double precision as rank
      from (
        select (element >> 32)::integer as bucket, sum((element & 4294967295)::integer)::integer as calls
        from unnest(histogram) as element
        group by 1
      ) as summed
    ) as ranked
  ) as neighbours
$$;

grant execute on function rollup.merge(bigint[], bigint[]), rollup.concat_agg(bigint[]),
  rollup.percentile(double precision, bigint[])
  to toolwatch_reader, toolwatch_operator;
