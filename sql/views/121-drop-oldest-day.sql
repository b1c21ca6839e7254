-- Drops the oldest day that is past its retention and returns it; NULL when there is none. Also deletes rejects and
-- the refresh log from before the days that are retained, and messages about incidents after 400 days. One day a call:
-- dropping a partition locks the whole table until the transaction ends, and a default partition rules out detaching
-- concurrently first. It gives up after waiting two seconds for that lock. A day is retained two days longer than asked
-- for: a call that is delivered late, or again, is recognised as a duplicate only while its row exists. Where days are
-- archived, raises TW001 for one that is not archived as it is stored. A day that was brought back is not dropped while it
-- is held.
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

  select min(day) into oldest
  from analytics.days_past(retention_days) as day
  where to_regclass('analytics.' || analytics.partition_of(day)) is not null;
  if oldest is null and (select dropped_before from analytics.horizon) >= first_moment then
    return null;
  end if;
  if oldest is not null then
    -- Calls of this day alone wait while they are counted; the lock on the whole table comes after.
    execute format('lock table analytics.%I in share mode', analytics.partition_of(oldest));
    perform analytics.note_dropped_day(oldest);
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
  perform analytics.note_dropped_day(day)
  from (
    select distinct (started_at at time zone 'UTC')::date as day
    from analytics.invocations_default
    where started_at < first_moment
  ) as loose;
  delete from analytics.invocations_default where started_at < first_moment;
  delete from rollup.uncounted_calls where started_at < first_moment;
  if oldest is null then
    return null;
  end if;
  execute format('drop table analytics.%I', analytics.partition_of(oldest));
  return oldest;
end
$$;

grant execute on function analytics.drop_oldest_day(integer) to toolwatch_retention;
