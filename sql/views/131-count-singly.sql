-- Counts these calls, which wait to be counted singly, in the order of their keys. Returns NULL, or why one of them
-- cannot be counted: then none was.
create function rollup.try_to_count(times timestamptz[], events uuid[]) returns text
language plpgsql set search_path = ''
as $$
declare
  stored bigint;
  state text;
  message text;
begin
  delete from rollup.uncounted_calls
  using unnest(times, events) as waiting (started_at, event_id)
  where uncounted_calls.started_at = waiting.started_at and uncounted_calls.event_id = waiting.event_id;
  stored := rollup.count_calls(
    times[1], times[cardinality(times)] + interval '1 microsecond', null, null, events);
  if stored < cardinality(events) then
    insert into analytics.rejects (reject_id, reason, line)
    select event_id, 'not counted: the call is no longer stored', to_jsonb(waiting)::text
    from unnest(times, events) as waiting (started_at, event_id)
    where not exists (
      select from analytics.invocations
      where invocations.started_at = waiting.started_at and invocations.event_id = waiting.event_id
    )
    on conflict (reject_id) do nothing;
  end if;
  update rollup.progress set
    counted = counted + stored,
    put_aside = put_aside + cardinality(events) - stored;
  return null;
exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
  get stacked diagnostics state = returned_sqlstate, message = message_text;
  return state || ': ' || message;
end
$$;

-- Counts the calls that wait for it, at most 10,000, and puts aside those that cannot be counted. Halves what cannot be
-- counted until such a call is alone, and doubles after each success, so a bad call among ten thousand takes some
-- thirty attempts. After max_failures attempts the rest waits for the next time. Returns how many calls no longer wait.
create function rollup.count_singly(max_failures integer default 50) returns bigint
language plpgsql set search_path = ''
as $$
declare
  times timestamptz[];
  events uuid[];
  first_at integer := 1;
  last_at integer;
  size integer;
  failures integer := 0;
  why text;
begin
  select array_agg(started_at order by started_at, event_id), array_agg(event_id order by started_at, event_id)
  into times, events
  from (
    select started_at, event_id
    from rollup.uncounted_calls
    where reason is null
    order by started_at, event_id
    limit 10000
  ) as waiting;
  size := cardinality(events);
  while first_at <= cardinality(events) and failures < max_failures loop
    last_at := least(first_at + size - 1, cardinality(events));
    why := rollup.try_to_count(times[first_at:last_at], events[first_at:last_at]);
    if why is null then
      first_at := last_at + 1;
      size := size * 2;
    else
      failures := failures + 1;
      if last_at = first_at then
        perform rollup.put_aside(times[first_at], events[first_at], why);
        first_at := last_at + 1;
      end if;
      size := greatest(1, (last_at - first_at + 1) / 2);
    end if;
  end loop;
  return first_at - 1;
end
$$;
