-- The role by which the function archive reads a day, notes what it has written of it, and brings a day back.
do $$
declare
  role_name constant text := 'toolwatch_archive';
begin
  begin
    execute format('create role %I login', role_name);
  exception when duplicate_object or unique_violation then null;
  end;
  if exists (select from pg_roles where rolname = 'rds_iam') and not pg_has_role(role_name, 'rds_iam', 'member') then
    execute format('grant rds_iam to %I', role_name);
  end if;
  execute format('grant connect on database %I to %I', current_database(), role_name);
  execute format('alter role %I in database %I set search_path = analytics, public', role_name, current_database());
  execute format('alter role %I in database %I set idle_in_transaction_session_timeout = %L',
    role_name, current_database(), '60s');
  execute format('alter role %I in database %I set lock_timeout = %L', role_name, current_database(), '20s');
end
$$;
grant usage on schema analytics to toolwatch_archive;

-- Whether a day is dropped only when it is archived. The deployment says so.
alter table analytics.horizon add column archives boolean not null default false;

-- The days that are archived: each was read back from the archive, and was what is stored.
create table analytics.archived_days (
  day         date        primary key,
  files       integer     not null,
  rows        bigint      not null,
  bytes       bigint      not null,
  -- The sum over the rows of a hash of each: analytics.archive_text.
  checksum    numeric     not null,
  verified_at timestamptz not null,
  -- When it was dropped first. From then on no call of it is stored, so the archive remains complete.
  dropped_at  timestamptz,
  -- Until when a day that was brought back stays.
  held_until  timestamptz
);

-- The files of a day, in the order of the key: each goes on where the one before ends.
create table analytics.archived_parts (
  day             date        not null,
  part            integer     not null,
  rows            bigint      not null,
  bytes           bigint      not null,
  sha256          text        not null,
  checksum        numeric     not null,
  last_started_at timestamptz not null,
  last_event_id   uuid        not null,
  primary key (day, part)
);

create policy archive_reads on analytics.invocations for select to toolwatch_archive using (true);
-- Only what was dropped, of days that are being brought back.
create policy archive_restores on analytics.invocations for insert to toolwatch_archive
  with check (
    started_at < (select dropped_before from analytics.horizon)
    and exists (
      select from analytics.archived_days
      where day = (started_at at time zone 'UTC')::date and held_until is not null
    )
  );
grant select, insert on analytics.invocations to toolwatch_archive;
grant select on analytics.horizon to toolwatch_archive;
grant select on analytics.archived_days, analytics.archived_parts to toolwatch_archive, toolwatch_operator;
