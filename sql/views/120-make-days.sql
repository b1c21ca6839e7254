-- Creates the missing partitions of these days, and moves the calls of those days out of the default partition into
-- them. Returns how many partitions it created. Call it with a few days back, for late calls, and some days ahead.
create function analytics.make_days(from_day date, to_day date) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  day date;
  partition text;
  first_moment timestamptz;
  next_moment timestamptz;
  created integer := 0;
begin
  -- One at a time. Only the owner's functions can lock this row; an advisory lock is open to every role.
  perform from analytics.horizon for update;
  for day in select generate_series(from_day, to_day, interval '1 day')::date loop
    partition := 'invocations_' || to_char(day, 'YYYYMMDD');
    continue when to_regclass('analytics.' || partition) is not null;
    first_moment := day::timestamp at time zone 'UTC';
    next_moment := (day + 1)::timestamp at time zone 'UTC';

    execute format(
      'create table analytics.%I (like analytics.invocations including defaults including constraints)', partition);
    execute format('alter table analytics.%I enable row level security, force row level security', partition);
    execute format(
      'create policy owner_moves on analytics.%I to toolwatch_owner using (true) with check (true)', partition);
    execute format('alter table analytics.%I set (autovacuum_vacuum_insert_scale_factor = 0.05)', partition);
    -- Until the new partition is attached, no call of its day may be added to the default partition.
    execute 'lock table analytics.invocations_default in access exclusive mode';
    execute format(
      'with moved as (
         delete from analytics.invocations_default where started_at >= $1 and started_at < $2 returning *
       )
       insert into analytics.%I select * from moved', partition) using first_moment, next_moment;
    execute format('drop policy owner_moves on analytics.%I', partition);
    execute format(
      'create policy owner_sees_all on analytics.%I for select to toolwatch_owner using (true)', partition);
    execute format(
      'alter table analytics.invocations attach partition analytics.%I for values from (%L) to (%L)',
      partition, first_moment, next_moment);
    created := created + 1;
  end loop;
  return created;
end
$$;

grant execute on function analytics.make_days(date, date) to toolwatch_retention;
