-- Drops the oldest day that is past its retention and returns it; NULL when there is none. Also deletes rejects and
-- the refresh log from before the days that are retained, and messages about incidents after 400 days. One day a call:
-- dropping a partition locks the whole table until the transaction ends, and a default partition rules out detaching
-- concurrently first. It gives up after waiting two seconds for that lock. A day is retained two days longer than asked
-- for: a call that is delivered late, or again, is recognised as a duplicate only while its row exists. To archive days,
-- do it before this runs.
create function analytics.drop_oldest_day(retention_days integer) returns date
language plpgsql security definer set search_path = '' set lock_timeout = '2s'
as $$
declare
  retained_from date := (analytics.clock() at time zone 'UTC')::date - retention_days - 2;
  first_moment timestamptz := retained_from::timestamp at time zone 'UTC';
  oldest date;
begin
  if retention_days < 1 then
    raise exception 'retention of % days', retention_days using errcode = 'invalid_parameter_value';
  end if;
  delete from analytics.rejects where last_seen_at < first_moment;
  delete from analytics.refresh_log where started_at < first_moment;
  delete from ops.incident_messages where notified_at < analytics.clock() - interval '400 days';
  delete from ops.audit where at < analytics.clock() - interval '400 days';

  select min(to_date(right(relname, 8), 'YYYYMMDD')) into oldest
  from pg_catalog.pg_inherits
  join pg_catalog.pg_class on pg_class.oid = inhrelid
  where inhparent = 'analytics.invocations'::regclass and relname ~ '^invocations_\d{8}$';
  if coalesce(oldest >= retained_from, true)
    and (select dropped_before from analytics.horizon) >= first_moment
  then
    return null;
  end if;
  -- Waits for transactions that are storing calls, and holds up new ones: what they stored is seen below, and what they
  -- store afterwards is held to the new horizon. Otherwise a batch could be noted whose calls are just being dropped.
  lock table only analytics.invocations in access exclusive mode;
  -- Calls must be rolled up before they are dropped. Those that cannot be counted are rejects by then.
  if exists (select from rollup.pending_batches where first_started_at < first_moment)
    or exists (select from rollup.uncounted_calls where started_at < first_moment and reason is null)
  then
    raise exception 'calls of days to be dropped are not rolled up yet'
      using errcode = 'object_not_in_prerequisite_state';
  end if;
  -- From now on no older call is stored, so none can be counted twice.
  update analytics.horizon set dropped_before = first_moment where dropped_before < first_moment;
  delete from analytics.invocations_default where started_at < first_moment;
  delete from rollup.uncounted_calls where started_at < first_moment;
  if coalesce(oldest >= retained_from, true) then
    return null;
  end if;
  execute format('drop table analytics.%I', 'invocations_' || to_char(oldest, 'YYYYMMDD'));
  return oldest;
end
$$;

grant execute on function analytics.drop_oldest_day(integer) to toolwatch_retention;
