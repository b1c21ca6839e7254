-- The day of a moment in UTC, and where it begins.
create function analytics.start_of(day date) returns timestamptz
language sql immutable parallel safe
as $$ select day::timestamp at time zone 'UTC' $$;

-- Microseconds since 1970, which the archive has instead of a time, and back.
create function analytics.to_micros(moment timestamptz) returns bigint
language sql immutable parallel safe
as $$ select (extract(epoch from moment) * 1000000)::bigint $$;
create function analytics.from_micros(micros bigint) returns timestamptz
language sql immutable parallel safe
as $$ select timestamptz 'epoch' + micros * interval '1 microsecond' $$;

-- Everything that is stored of a call, as one text: two calls that differ in anything have different texts. What reads
-- an archived call makes the same text of it (lambdas/archive/checksum.ts), so both can be compared by their hashes.
create function analytics.archive_text(call analytics.invocations) returns text
language sql stable parallel safe
as $$
  select concat(
    '=' || analytics.to_micros(call.started_at), E'\x1f', '=' || analytics.to_micros(call.finished_at), E'\x1f',
    '=' || analytics.to_micros(call.created_at), E'\x1f', '=' || call.batch_id, E'\x1f',
    '=' || encode(float8send(call.duration_ms), 'hex'), E'\x1f', '=' || call.event_id, E'\x1f',
    '=' || call.attempts, E'\x1f', '=' || call.cold_start::text, E'\x1f', '=' || call.success::text, E'\x1f',
    '=' || call.kind, E'\x1f', '=' || call.name, E'\x1f', '=' || call.tenant_id, E'\x1f', '=' || call.service, E'\x1f',
    '=' || call.environment, E'\x1f', '=' || call.version, E'\x1f', '=' || call.correlation_id, E'\x1f',
    '=' || call.error_code, E'\x1f', '=' || call.fault, E'\x1f', '=' || call.error_type, E'\x1f',
    '=' || call.error_message, E'\x1f', '=' || call.error_fingerprint, E'\x1f', '=' || call.retryable::text, E'\x1f',
    '=' || call.user_id, E'\x1f', '=' || call.session_id, E'\x1f', '=' || call.gpt_name, E'\x1f',
    '=' || call.source_gpt, E'\x1f', '=' || call.client_name, E'\x1f', '=' || call.client_version, E'\x1f',
    '=' || call.user_agent, E'\x1f', '=' || call.provider, E'\x1f', '=' || call.domain, E'\x1f',
    '=' || call.trace_id, E'\x1f', '=' || call.parent_id, E'\x1f', '=' || call.replay_of, E'\x1f',
    '=' || call.request_bytes, E'\x1f', '=' || call.response_bytes, E'\x1f',
    '=' || encode(float8send(call.cost_usd), 'hex'), E'\x1f', '=' || call.metadata::text, E'\x1f',
    '=' || call.measures::text, E'\x1f')
$$;

-- How many calls are stored after one key and up to another, and the sum of the hashes of each, in whatever order.
create function analytics.archive_checksum(
  after_at timestamptz, after_id uuid, until_at timestamptz, until_id uuid, out rows bigint, out checksum numeric
)
language sql stable
as $$
  select
    count(*),
    coalesce(sum(substring(sha256(convert_to(analytics.archive_text(call), 'UTF8')) from 1 for 8)::bigint), 0)
  from analytics.invocations as call
  where started_at >= after_at and started_at <= until_at
    and (started_at, event_id) > (after_at, after_id) and (started_at, event_id) <= (until_at, until_id)
$$;

create function analytics.count_day(day date) returns bigint
language sql stable
as $$
  select count(*) from analytics.invocations
  where started_at >= analytics.start_of(count_day.day) and started_at < analytics.start_of(count_day.day + 1)
$$;

-- The partition of a day, without its schema.
create function analytics.partition_of(day date) returns text
language sql stable
as $$ select 'invocations_' || to_char(day, 'YYYYMMDD') $$;

-- The days of which something is stored and that are past their retention, the oldest first; a day that was brought
-- back is not among them while it is held.
create function analytics.days_past(retention_days integer) returns setof date
language sql stable security definer set search_path = ''
as $$
  with past as (
    select (analytics.clock() at time zone 'UTC')::date - retention_days - 2 as retained_from
  )
  select day
  from (
    select to_date(right(relname, 8), 'YYYYMMDD') as day
    from pg_catalog.pg_inherits
    join pg_catalog.pg_class on pg_class.oid = inhrelid
    where inhparent = 'analytics.invocations'::regclass and relname ~ '^invocations_\d{8}$'
    union
    select (started_at at time zone 'UTC')::date
    from analytics.invocations_default
    where started_at < (select analytics.start_of(retained_from) from past)
  ) as days
  cross join past
  where day < retained_from
    and not exists (
      select from analytics.archived_days where archived_days.day = days.day and held_until > analytics.clock()
    )
  order by day
$$;

-- True when the archive has the whole day: what was verified is what is stored, or nothing can have been added since.
create function analytics.is_archived(asked date) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from analytics.archived_days
    where day = asked and (dropped_at is not null or rows = analytics.count_day(day))
  )
$$;

-- The days that retention waits for: past their retention, and not archived as they are stored.
create function analytics.days_to_archive(retention_days integer) returns setof date
language sql stable security definer set search_path = ''
as $$
  select day
  from analytics.days_past(retention_days) as day
  where (select archives from analytics.horizon) and not analytics.is_archived(day)
  order by day
$$;

-- Forgets what is written of a day, so that it is written anew; not of a day that was dropped.
create function analytics.archive_anew(asked date) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if exists (select from analytics.archived_days where day = asked and dropped_at is not null) then
    raise exception '% was dropped: what the archive has of it is all there is', asked
      using errcode = 'object_not_in_prerequisite_state';
  end if;
  delete from analytics.archived_parts where day = asked;
  delete from analytics.archived_days where day = asked;
end
$$;

-- Notes a file of a day, once what was read back from it is what is stored after the file before and up to its last
-- call. Raises data_corrupted when it is something else.
create function analytics.note_archived_part(
  asked date, number integer, read_rows bigint, read_checksum numeric, size bigint, digest text,
  last_micros bigint, last_id uuid
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  after_at timestamptz := analytics.start_of(asked);
  -- Before the first call of the day; an id is compared only with calls of the same microsecond.
  after_id uuid;
  stored record;
begin
  if number = 0 then
    after_at := after_at - interval '1 microsecond';
    after_id := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  else
    select last_started_at, last_event_id into strict after_at, after_id
    from analytics.archived_parts
    where day = asked and part = number - 1;
  end if;
  select * into stored
  from analytics.archive_checksum(after_at, after_id, analytics.from_micros(last_micros), last_id);
  if stored.rows <> read_rows or stored.checksum <> read_checksum then
    raise exception 'file % of % has % calls with checksum %, and the store % with checksum %',
      number, asked, read_rows, read_checksum, stored.rows, stored.checksum
      using errcode = 'data_corrupted';
  end if;
  insert into analytics.archived_parts
  values (asked, number, read_rows, size, digest, read_checksum, analytics.from_micros(last_micros), last_id);
end
$$;

-- Notes that a day is archived, when its files have all its calls. False when calls were stored since: then it is to be
-- archived anew.
create function analytics.note_archived_day(asked date) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  files record;
begin
  select count(*) as files, coalesce(sum(rows), 0) as rows, coalesce(sum(bytes), 0) as bytes,
    coalesce(sum(checksum), 0) as checksum
  into files
  from analytics.archived_parts
  where day = asked;
  if files.rows <> analytics.count_day(asked) then
    return false;
  end if;
  insert into analytics.archived_days (day, files, rows, bytes, checksum, verified_at)
  values (asked, files.files, files.rows, files.bytes, files.checksum, now())
  on conflict (day) do update set
    files = excluded.files,
    rows = excluded.rows,
    bytes = excluded.bytes,
    checksum = excluded.checksum,
    verified_at = excluded.verified_at;
  return true;
end
$$;

-- Notes that a day is dropped, which must be in the same transaction. Raises TW001 when it is to be archived before, and is
-- not.
create function analytics.note_dropped_day(asked date) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if analytics.is_archived(asked) then
    update analytics.archived_days set dropped_at = coalesce(dropped_at, now()), held_until = null where day = asked;
  elsif (select archives from analytics.horizon) then
    raise exception '% is not archived as it is stored', asked using errcode = 'TW001';
  end if;
end
$$;

-- Makes room for a day that was dropped, and holds it for some days. What is added to it is counted nowhere: no batch
-- notes it, and the horizon stays behind it.
create function analytics.begin_restore(asked date, hold_days integer) returns setof analytics.archived_days
language plpgsql security definer set search_path = ''
as $$
begin
  update analytics.archived_days
  set held_until = analytics.clock() + make_interval(days => hold_days)
  where day = asked and dropped_at is not null;
  if not found then
    raise exception '% was not archived and dropped', asked using errcode = 'object_not_in_prerequisite_state';
  end if;
  perform analytics.make_days(asked, asked);
  return query select * from analytics.archived_days where day = asked;
end
$$;

-- Raises data_corrupted when what is stored of a day that was brought back is not what was archived.
create function analytics.check_restored(asked date) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  stored record;
  archived record;
begin
  select rows, checksum into strict archived from analytics.archived_days where day = asked;
  select * into stored
  from analytics.archive_checksum(
    analytics.start_of(asked) - interval '1 microsecond', 'ffffffff-ffff-ffff-ffff-ffffffffffff',
    analytics.start_of(asked + 1) - interval '1 microsecond', 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  if stored.rows <> archived.rows or stored.checksum <> archived.checksum then
    raise exception '% has % calls with checksum %, and the archive % with checksum %',
      asked, stored.rows, stored.checksum, archived.rows, archived.checksum
      using errcode = 'data_corrupted';
  end if;
end
$$;

grant execute on function
  analytics.to_micros(timestamptz), analytics.from_micros(bigint), analytics.start_of(date),
  analytics.days_to_archive(integer), analytics.archive_anew(date),
  analytics.note_archived_part(date, integer, bigint, numeric, bigint, text, bigint, uuid),
  analytics.note_archived_day(date), analytics.begin_restore(date, integer), analytics.check_restored(date)
  to toolwatch_archive;
grant execute on function analytics.days_to_archive(integer) to toolwatch_retention;
