-- Two lists of counts, added up. In this language because a query would cost ten times as much.
create function rollup.add_counts(counts bigint[], other_counts bigint[]) returns bigint[]
language plpgsql immutable parallel safe
as $$
begin
  for place in 1..cardinality(other_counts) loop
    counts[place] := coalesce(counts[place], 0) + other_counts[place];
  end loop;
  return counts;
end
$$;

-- Of two lists of counts the larger count at each place.
create function rollup.larger_counts(counts bigint[], other_counts bigint[]) returns bigint[]
language sql immutable parallel safe
as $$
  select array_agg(greatest(one, other) order by place)
  from unnest(counts, other_counts) with ordinality as pairs (one, other, place)
$$;

grant execute on function rollup.larger_counts(bigint[], bigint[]) to toolwatch_reader, toolwatch_operator;

-- Adds these cells to the totals, or takes them away with the sign -1. The caller must make sure that no cell is added
-- twice.
create function rollup.add_totals(added rollup.total_cells[], sign integer default 1) returns void
language plpgsql set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
declare
  first_exemplar timestamptz;
  last_exemplar timestamptz;
begin
  perform rollup.admit_names(namespace, names)
  from (
    select
      rollup.namespace_of(family, labels) as namespace,
      array_agg(rollup.name_in(family, labels) order by calls desc, rollup.name_in(family, labels)) as names
    from unnest(added)
    group by 1
  ) as lists
  where namespace is not null;
  select min(exemplar_at), max(exemplar_at) into first_exemplar, last_exemplar from unnest(added);

  insert into rollup.totals as known
    (family, labels, counts, total, lowest, exemplar_trace_id, exemplar_ms, exemplar_at)
  with cells as (
    select
      family,
      case
        when rollup.namespace_of(family, labels) is null or admitted_names.name is not null then labels
        else rollup.labels_of_others(family, labels)
      end as labels,
      calls, total, lowest, histogram, exemplar_event_id, exemplar_at
    from unnest(added)
    left join rollup.admitted_names
      on namespace = rollup.namespace_of(family, labels) and admitted_names.name = rollup.name_in(family, labels)
  ),
  slots as (
    select family, labels, rollup.bound_of((element >> 32)::integer) as bound, sum(element & 4294967295) as times
    from cells
    cross join lateral unnest(histogram) as element
    group by 1, 2, 3
  ),
  -- Not joined: nobody knows beforehand how many there are, and a wrong guess would compare each with each.
  figures as (
    select
      family, labels, sum(calls)::bigint * sign as calls, sum(total) * sign as total, min(lowest) as lowest,
      rollup.spread(
        array_agg(bound) filter (where bound is not null),
        array_agg(times::bigint * sign) filter (where bound is not null)) as counts,
      any_value(exemplar_event_id) as exemplar_event_id, any_value(exemplar_at) as exemplar_at
    from (
      select family, labels, calls, total, lowest, null as bound, null as times, exemplar_event_id, exemplar_at
      from cells
      union all
      select family, labels, null, null, null, bound, times, null, null
      from slots
    ) as parts
    group by family, labels
  )
  select family, labels, coalesce(counts, array[calls]), total, lowest, trace_id, duration_ms, started_at
  from figures
  left join lateral (
    select trace_id, duration_ms, started_at
    from analytics.invocations
    where started_at = exemplar_at and event_id = exemplar_event_id
      and started_at between first_exemplar and last_exemplar
      and trace_id ~ '^[0-9a-f]{32}$'
    -- There is one at most. With a limit each is looked up by its key, instead of reading all calls of that time.
    limit 1
  ) as exemplar on true
  on conflict (family, labels) do update set
    counts = rollup.add_counts(known.counts, excluded.counts),
    total = known.total + excluded.total,
    lowest = least(known.lowest, excluded.lowest),
    exemplar_trace_id = coalesce(excluded.exemplar_trace_id, known.exemplar_trace_id),
    exemplar_ms = coalesce(excluded.exemplar_ms, known.exemplar_ms),
    exemplar_at = coalesce(excluded.exemplar_at, known.exemplar_at);
end
$$;
