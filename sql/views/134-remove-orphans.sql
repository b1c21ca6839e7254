-- Removes what belongs to calls that are gone: a limit once the call that reported it last is dropped, the window of a
-- tenant that has not called for more than a day, and gauges that are not shown any more. Without this there would be
-- rows of every key and tenant that there ever was. The caller must hold the roll-up lock.
create function rollup.remove_orphans() returns void
language sql set search_path = ''
as $$
  delete from rollup.rate_limits where seen_at < (select dropped_before from analytics.horizon);
  delete from rollup.gauges where set_at < analytics.clock() - rollup.gauge_lifetime();
  delete from rollup.tenant_window_bounds where until_hour < analytics.clock() - interval '1 day';
  delete from rollup.tenant_window as orphan
  where not exists (select from rollup.tenant_window_bounds as bounds where bounds.tenant_id = orphan.tenant_id);
$$;
