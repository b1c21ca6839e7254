-- Counts these pending batches. Returns whether that worked; if a call in one of them cannot be counted, none was. An
-- outage, a timeout or a deadlock is no fault of a call and is raised.
create function rollup.try_to_count_batches(notes rollup.pending_batches[]) returns boolean
language plpgsql set search_path = ''
as $$
declare
  batches bigint[];
  first_moment timestamptz;
  last_moment timestamptz;
  expected bigint;
  stored bigint;
begin
  select array_agg(batch_id order by batch_id), min(first_started_at), max(last_started_at), sum(calls)
  into batches, first_moment, last_moment, expected
  from unnest(notes);
  delete from rollup.pending_batches where batch_id = any (batches);
  stored := rollup.count_calls(first_moment, last_moment + interval '1 microsecond', batches, null, null);
  if stored <> expected then
    perform rollup.report_missing_calls(notes);
  end if;
  update rollup.progress set counted = counted + stored;
  return true;
exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
  return false;
end
$$;

-- Counts pending batches, at most max_batches. Halves what cannot be counted until such a batch is alone; its calls
-- then wait to be counted singly. After max_failures attempts the rest stays pending. Returns how many calls are no
-- longer in a pending batch.
create function rollup.roll_up_batches(max_batches integer, max_failures integer default 50) returns bigint
language plpgsql set search_path = ''
as $$
declare
  notes rollup.pending_batches[];
  first_at integer := 1;
  last_at integer;
  size integer;
  failures integer := 0;
begin
  select array_agg(note order by batch_id) into notes
  from (select * from rollup.pending_batches order by batch_id limit max_batches) as note;
  if notes is null then
    return 0;
  end if;
  perform rollup.index_new_batches(min(first_started_at), max(last_started_at)) from unnest(notes);
  size := cardinality(notes);
  while first_at <= cardinality(notes) and failures < max_failures loop
    last_at := least(first_at + size - 1, cardinality(notes));
    if rollup.try_to_count_batches(notes[first_at:last_at]) then
      first_at := last_at + 1;
      size := size * 2;
    else
      failures := failures + 1;
      if last_at = first_at then
        perform rollup.set_apart(notes[first_at]);
        first_at := last_at + 1;
      end if;
      size := greatest(1, (last_at - first_at + 1) / 2);
    end if;
  end loop;
  return (select coalesce(sum(greatest(calls, 1)), 0) from unnest(notes[:first_at - 1]));
end
$$;

-- Rolls up pending batches, each call exactly once: its note is deleted and it is counted in one transaction. Counts
-- also the calls that wait to be counted singly, and puts aside those that cannot be counted. Returns how many calls
-- it dealt with; 0 when none waits. Does a bounded amount of work: call it again until it returns 0. Raises
-- lock_not_available when another transaction counts for too long.
create function rollup.roll_up(max_batches integer default 2000) returns bigint
language plpgsql security definer set search_path = ''
as $$
begin
  perform rollup.lock_roll_ups('5 seconds');
  return rollup.roll_up_batches(max_batches) + rollup.count_singly();
end
$$;

grant execute on function rollup.roll_up(integer) to toolwatch_refresher;
grant usage on schema rollup to toolwatch_refresher;
