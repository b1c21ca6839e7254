-- Makes sure that nothing is shown as less than these totals, which were shown before a correction.
create function rollup.keep_at_least(shown rollup.totals[]) returns void
language sql set search_path = ''
as $$
  update rollup.totals set
    least_counts = rollup.larger_counts(totals.least_counts, before.counts),
    least_total = greatest(totals.least_total, before.total)
  from unnest(shown) as before
  where totals.family = before.family and totals.labels = before.labels
    and (totals.total < before.total or totals.counts <> rollup.larger_counts(totals.counts, before.counts))
$$;

-- Works out all totals from the cells. The caller must make sure that nothing is counted meanwhile.
create function rollup.renew_totals() returns void
language plpgsql set search_path = '' set jit = off set work_mem = '64MB'
as $$
declare
  shown rollup.totals[] := array(select totals from rollup.totals);
  renewed rollup.totals_of_cells[];
begin
  perform rollup.admit_names(namespace, array_agg(name order by calls desc, name))
  from (
    select rollup.namespace_of(family, labels) as namespace, rollup.name_in(family, labels) as name, sum(calls) as calls
    from rollup.total_cells
    group by 1, 2
  ) as names
  where namespace is not null
  group by namespace;
  renewed := array(select totals_of_cells from rollup.totals_of_cells);
  update rollup.totals set counts = array_fill(0, array[cardinality(counts)]), total = 0, lowest = null;
  insert into rollup.totals (family, labels, counts, total, lowest)
  select family, labels, counts, total, lowest
  from unnest(renewed)
  on conflict (family, labels) do update set
    counts = excluded.counts,
    total = excluded.total,
    lowest = excluded.lowest;
  perform rollup.keep_at_least(shown);
end
$$;

-- Where the totals, or the calls of groups of failures, are not the sums of the cells. No row means that they are.
-- Reads all cells: seconds in a large store.
create function rollup.total_differences()
returns table (rolled_up_in text, cell text, facts text, rolled_up text)
language sql stable security definer set search_path = '' set jit = off set work_mem = '64MB'
as $$
  select
    'totals', row(family, labels)::text, row(cells.counts, cells.total, cells.lowest)::text,
    row(totals.counts, totals.total, totals.lowest)::text
  from rollup.totals_of_cells as cells
  full join rollup.totals using (family, labels)
  where (coalesce(cells.total, 0), cells.lowest) is distinct from (coalesce(totals.total, 0), totals.lowest)
    or exists (
      select from unnest(cells.counts, totals.counts) as pair (by_cells, in_total)
      where coalesce(by_cells, 0) <> coalesce(in_total, 0)
    )
  union all
  select
    'tenant_error_groups', row(tenant_id, kind, name, fingerprint, error_code, fault)::text, hours.calls::text,
    known.calls::text
  from (
    select tenant_id, kind, name, fingerprint, error_code, fault, sum(calls) as calls
    from rollup.error_hour
    group by tenant_id, kind, name, fingerprint, error_code, fault
  ) as hours
  full join rollup.tenant_error_groups as known using (tenant_id, kind, name, fingerprint, error_code, fault)
  where coalesce(hours.calls, 0) <> coalesce(known.calls, 0)
  union all
  select 'error_groups', group_id, of_tenants.calls::text, known.calls::text
  from (select group_id, sum(calls) as calls from rollup.tenant_error_groups group by group_id) as of_tenants
  full join rollup.error_groups as known using (group_id)
  where coalesce(of_tenants.calls, 0) <> coalesce(known.calls, 0)
$$;

-- Works out all totals, and the calls of groups of failures, anew. What was shown does not become less: a total that
-- was too large stays until calls catch up with it.
create function rollup.rebuild_totals() returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform rollup.lock_roll_ups('5 minutes');
  perform rollup.renew_totals();
  perform rollup.renew_error_groups();
end
$$;

grant execute on function rollup.total_differences(), rollup.rebuild_totals() to toolwatch_operator;

-- After the first deployment with totals, and when the version before counted calls while these functions were missing.
-- Nothing counts until this transaction ends, because what counts calls is being replaced.
do $$
begin
  if (select coalesce(sum(calls), 0) from rollup.total_cells where family = 'calls')
    <> (select coalesce(sum(count), 0) from rollup.totals, unnest(counts) as count where family = 'calls')
  then
    perform rollup.renew_totals();
  end if;
end
$$;
