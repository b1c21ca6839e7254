-- Rolls up pending batches, each exactly once: its row in pending_batches is deleted and its calls are counted in one
-- transaction. Returns how many calls it counted; 0 when no batch is pending or another roll-up is running.
create function rollup.roll_up(max_batches integer default 2000) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  batches bigint[];
  first_moment timestamptz;
  last_moment timestamptz;
  expected bigint;
  found bigint;
begin
  -- One at a time: two would upsert the same cells in different orders and could deadlock.
  if not pg_try_advisory_xact_lock(hashtext('rollup.roll_up')) then
    return 0;
  end if;

  with next_batches as (
    select batch_id from rollup.pending_batches order by batch_id limit max_batches
  ),
  taken as (
    delete from rollup.pending_batches
    using next_batches
    where pending_batches.batch_id = next_batches.batch_id
    returning pending_batches.*
  )
  select array_agg(batch_id order by batch_id), min(first_started_at), max(last_started_at), sum(calls)
  into batches, first_moment, last_moment, expected
  from taken;
  if batches is null then
    return 0;
  end if;

  perform rollup.index_new_batches(first_moment, last_moment);
  found := rollup.count_calls(first_moment, last_moment + interval '1 microsecond', batches, null);
  -- A call that is missing although its batch is pending means that the store is damaged: count nothing.
  if found <> expected then
    raise exception 'pending batches list % calls, but % are stored', expected, found
      using errcode = 'data_corrupted';
  end if;
  update rollup.progress set counted = progress.counted + expected;
  return expected;
end
$$;

grant execute on function rollup.roll_up(integer) to toolwatch_refresher;
grant usage on schema rollup to toolwatch_refresher;
