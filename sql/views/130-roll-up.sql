-- Turns noted batches into roll-ups, each exactly once: the note goes and the counts come in one transaction.
-- Answers how many calls it counted; 0 when nothing waits, or another counts at this moment.
create function rollup.roll_up(most_batches integer default 2000) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  batches bigint[];
  first_moment timestamptz;
  last_moment timestamptz;
  noted bigint;
  found bigint;
begin
  -- One at a time: two would upsert the same cells in different orders.
  if not pg_try_advisory_xact_lock(hashtext('rollup.roll_up')) then
    return 0;
  end if;

  with next_batches as (
    select batch_id from rollup.pending_batches order by batch_id limit most_batches
  ),
  taken as (
    delete from rollup.pending_batches
    using next_batches
    where pending_batches.batch_id = next_batches.batch_id
    returning pending_batches.*
  )
  select array_agg(batch_id), min(first_started_at), max(last_started_at), sum(calls)
  into batches, first_moment, last_moment, noted
  from taken;
  if batches is null then
    return 0;
  end if;

  perform rollup.index_new_batches(first_moment, last_moment);
  found := rollup.count_calls(first_moment, last_moment + interval '1 microsecond', batches, null);
  -- A call that went missing between its note and its counting means a damaged store: count nothing.
  if found <> noted then
    raise exception 'batches note % calls and % are stored', noted, found using errcode = 'data_corrupted';
  end if;
  update rollup.progress set counted = progress.counted + noted;
  return noted;
end
$$;

grant execute on function rollup.roll_up(integer) to toolwatch_refresher;
grant usage on schema rollup to toolwatch_refresher;
