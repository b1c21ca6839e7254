-- Counts anew the calls of a stretch of time, from the facts; both ends must be whole hours. Waiting batches go on waiting.
-- Only for days whose facts are still there: a day that was dropped would lose its roll-ups. Answers how many calls it counted.
create function rollup.rebuild(from_hour timestamptz, to_hour timestamptz) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  waiting bigint[];
  counted bigint;
begin
  if from_hour <> date_bin('1 hour', from_hour, timestamptz 'epoch') or to_hour <> date_bin('1 hour', to_hour, timestamptz 'epoch') then
    raise exception 'from % to % is no stretch of whole hours', from_hour, to_hour using errcode = 'invalid_parameter_value';
  end if;
  if from_hour < (select dropped_before from analytics.horizon) then
    raise exception 'the calls before % were dropped', (select dropped_before from analytics.horizon)
      using errcode = 'object_not_in_prerequisite_state';
  end if;
  perform pg_advisory_xact_lock(hashtext('rollup.roll_up'));
  -- Batches noted while this runs are waited for: what is in the facts and not noted must have been counted.
  lock table rollup.pending_batches in share mode;
  select coalesce(array_agg(batch_id), '{}') into waiting from rollup.pending_batches;

  delete from rollup.tool_5m where bucket >= from_hour and bucket < to_hour;
  delete from rollup.tool_hour where bucket >= from_hour and bucket < to_hour;
  delete from rollup.tool_hour_figures where bucket >= from_hour and bucket < to_hour;
  delete from rollup.house_window;
  delete from rollup.tenant_window_bounds;
  update rollup.tenants set figures_from_hour = null;
  delete from rollup.tenant_hour where bucket >= from_hour and bucket < to_hour;
  delete from rollup.error_hour where bucket >= from_hour and bucket < to_hour;
  delete from rollup.measure_hour where bucket >= from_hour and bucket < to_hour;
  counted := rollup.count_calls(from_hour, to_hour, null, waiting);
  -- What the summaries show is no longer what they would.
  update rollup.progress set shown = -1;
  return counted;
end
$$;

grant execute on function rollup.rebuild(timestamptz, timestamptz) to toolwatch_operator;
