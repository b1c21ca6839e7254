-- What happens to calls that cannot be counted. A value that only one call has, and that the roll-ups cannot hold, must
-- neither stop the others nor get lost.

-- Puts a stored call aside that could not be counted: a reject has it, with the reason. The call stays stored, and
-- rollup.calls leaves it out until a rebuild tries it again.
create function rollup.put_aside(call_started_at timestamptz, call_event_id uuid, why text) returns void
language plpgsql set search_path = ''
as $$
begin
  update rollup.uncounted_calls set reason = why
  where started_at = call_started_at and event_id = call_event_id;
  insert into analytics.rejects (reject_id, reason, line)
  select event_id, 'not counted: ' || why, (to_jsonb(invocations) - 'created_at' - 'batch_id')::text
  from analytics.invocations
  where started_at = call_started_at and event_id = call_event_id
  on conflict (reject_id) do update set
    reason = excluded.reason,
    last_seen_at = now(),
    deliveries = rejects.deliveries + 1;
  update rollup.progress set put_aside = put_aside + 1;
end
$$;

-- Makes a reject of what was lost of these batches, if fewer calls are stored than their notes list: somebody dropped
-- a day or deleted calls.
create function rollup.report_missing_calls(notes rollup.pending_batches[]) returns void
language sql set search_path = ''
as $$
  with missing as materialized (
    select
      note.batch_id, note.calls, to_jsonb(note)::text as line,
      note.calls - (
        select count(*) from analytics.invocations
        where started_at >= note.first_started_at and started_at <= note.last_started_at
          and invocations.batch_id = note.batch_id
      ) as gone
    from unnest(notes) as note
  ),
  rejected as (
    insert into analytics.rejects (reject_id, reason, line)
    select
      left(encode(sha256(convert_to('batch ' || batch_id, 'UTF8')), 'hex'), 32)::uuid,
      format('not counted: %s of the %s calls of batch %s are no longer stored', gone, calls, batch_id), line
    from missing
    where gone > 0
    on conflict (reject_id) do nothing
  )
  update rollup.progress
  set put_aside = put_aside + (select coalesce(sum(gone) filter (where gone > 0), 0) from missing)
$$;

-- Lets the calls of a pending batch wait to be counted singly.
create function rollup.set_apart(note rollup.pending_batches) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into rollup.uncounted_calls (started_at, event_id, noted_at)
  select started_at, event_id, note.noted_at
  from analytics.invocations
  where started_at >= note.first_started_at and started_at <= note.last_started_at
    and invocations.batch_id = note.batch_id;
  perform rollup.report_missing_calls(array[note]);
  delete from rollup.pending_batches where pending_batches.batch_id = note.batch_id;
end
$$;

-- How many calls were put aside, or were missing, since this was last asked for. 0 while another transaction counts: it
-- is reported the next time.
create function rollup.report_put_aside() returns bigint
language sql volatile security definer set search_path = ''
as $$
  with before as materialized (
    select put_aside, reported from rollup.progress for update skip locked
  ),
  now_reported as (
    update rollup.progress set reported = before.put_aside from before where before.put_aside <> before.reported
  )
  select coalesce((select put_aside - reported from before), 0)
$$;

grant execute on function rollup.report_put_aside() to toolwatch_refresher;
