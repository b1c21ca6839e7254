-- Counts the calls of [from_hour, to_hour) anew, from the calls themselves; both must be full hours. Pending batches
-- stay pending, and calls that could not be counted before are tried again. Only for days that are not dropped: a
-- dropped day would lose its roll-ups. Returns how many calls it counted. If a call cannot be counted, all of these
-- calls are counted by this and the next roll-ups, and it is put aside.
create function rollup.rebuild(from_hour timestamptz, to_hour timestamptz) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  pending bigint[];
  counted bigint;
  shown rollup.totals[];
begin
  if from_hour <> date_bin('1 hour', from_hour, timestamptz 'epoch')
    or to_hour <> date_bin('1 hour', to_hour, timestamptz 'epoch')
  then
    raise exception '% and % are not both full hours', from_hour, to_hour using errcode = 'invalid_parameter_value';
  end if;
  if from_hour < (select dropped_before from analytics.horizon) then
    raise exception 'the calls before % were dropped', (select dropped_before from analytics.horizon)
      using errcode = 'object_not_in_prerequisite_state';
  end if;
  perform rollup.lock_roll_ups('5 minutes');
  -- Waits for transactions that are storing a batch: after that, a stored call either is in a pending batch or was
  -- counted.
  lock table rollup.pending_batches in share mode;
  select coalesce(array_agg(batch_id), '{}') into pending from rollup.pending_batches;

  shown := array(select totals from rollup.totals);
  perform rollup.add_totals(
    array(select total_cells from rollup.total_cells where bucket >= from_hour and bucket < to_hour), -1);
  delete from rollup.tool_5m where bucket >= from_hour and bucket < to_hour;
  delete from rollup.tool_hour where bucket >= from_hour and bucket < to_hour;
  delete from rollup.tool_hour_figures where bucket >= from_hour and bucket < to_hour;
  delete from rollup.operator_window;
  delete from rollup.tenant_window_bounds;
  update rollup.tenants set figures_from_hour = null;
  delete from rollup.tenant_hour where bucket >= from_hour and bucket < to_hour;
  perform rollup.subtract_failures(from_hour, to_hour);
  delete from rollup.measure_hour where bucket >= from_hour and bucket < to_hour;
  delete from rollup.http_hour where bucket >= from_hour and bucket < to_hour;
  delete from rollup.provider_hour where bucket >= from_hour and bucket < to_hour;
  delete from rollup.uncounted_calls where started_at >= from_hour and started_at < to_hour;
  begin
    counted := rollup.count_calls(from_hour, to_hour, null, pending, null);
  exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
    insert into rollup.uncounted_calls (started_at, event_id, noted_at)
    select started_at, event_id, now()
    from analytics.invocations
    where started_at >= from_hour and started_at < to_hour and batch_id <> all (pending);
    counted := rollup.count_singly();
  end;
  perform rollup.keep_at_least(shown);
  -- Marks the materialized views as outdated.
  update rollup.progress set shown = -1;
  return counted;
end
$$;

grant execute on function rollup.rebuild(timestamptz, timestamptz) to toolwatch_operator;
