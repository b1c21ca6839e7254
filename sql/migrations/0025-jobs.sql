-- The role by which the function jobs stores, claims and finishes jobs, and nothing else.
do $$
declare
  role_name constant text := 'toolwatch_jobs';
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
  execute format('alter role %I in database %I set statement_timeout = %L', role_name, current_database(), '15s');
  execute format('alter role %I in database %I set lock_timeout = %L', role_name, current_database(), '5s');
end
$$;
grant usage on schema ops to toolwatch_jobs, toolwatch_retention;

-- Jobs that an operator makes of many others at once, by a filter.
create table ops.job_batches (
  batch_id      uuid             primary key,
  -- What the jobs replay, and at most how many in a minute: contract/jobs/bulk-replay.ts.
  filter        jsonb            not null,
  per_minute    integer          not null,
  jobs          integer          not null,
  -- Jobs of a batch that is aborted are not claimed; those that run then go on.
  status        text             not null default 'running',
  requested_by  text collate "C" not null,
  requested_at  timestamptz      not null default now(),
  changed_at    timestamptz      not null default now(),
  constraint status_is_known check (status in ('running', 'aborted'))
);

-- Calls of tools that wait until the worker makes them, those that it makes, and those that it has made.
create table ops.jobs (
  -- UUID v7, chosen by whoever accepted it. It is the idempotency key and the correlation id of the tool's calls.
  job_id        uuid             primary key,
  -- Where it comes from: a hook of an outside service, a schedule of the settings, or a person.
  origin        text             not null,
  -- The hook's source, the schedule's name, or what the person calls it.
  source        text collate "C" not null,
  -- How the source names this delivery; what it sends again with the same key is the same job.
  delivery_key  text collate "C",
  tool          text collate "C" not null,
  tenant_id     text collate "C" not null,
  status        text             not null default 'pending',
  received_at   timestamptz      not null,
  -- Not before.
  due_at        timestamptz      not null,
  attempts      integer          not null default 0,
  max_attempts  integer          not null,
  -- A synchronisation's, whose runs are records of kind sync.
  direction     text collate "C",
  entity_type   text collate "C",
  -- Whoever runs it now, and until when that is believed.
  lease_id      uuid,
  leased_until  timestamptz,
  -- When it last came to be processed or in error.
  processed_at  timestamptz,
  error_code    text,
  error_message text,
  -- Why it is in quarantine.
  reason        text,
  percent       real,
  progress      text,
  -- The call of the last attempt.
  call_id       uuid,
  replay_of     uuid references ops.jobs (job_id) on delete set null,
  batch_id      uuid references ops.job_batches (batch_id) on delete set null,
  content_type  text,
  -- What arrived, as it arrived; NULL once it was erased.
  payload       bytea,
  payload_bytes integer          not null,
  changed_at    timestamptz      not null default now(),
  constraint origin_is_known check (origin in ('hook', 'schedule', 'person')),
  constraint status_is_known check (status in ('pending', 'processing', 'processed', 'error', 'quarantined')),
  constraint leased_while_processing check ((status = 'processing') = (lease_id is not null)),
  constraint leases_end check ((lease_id is null) = (leased_until is null)),
  constraint processed_when_over check ((status in ('processed', 'error')) = (processed_at is not null)),
  constraint quarantined_for_a_reason check ((status = 'quarantined') = (reason is not null)),
  constraint percent_is_one check (percent between 0 and 100),
  constraint payload_is_bounded check (payload_bytes between 0 and 524288),
  constraint one_job_a_delivery unique (source, delivery_key),
  constraint one_replay_of_a_job unique (replay_of)
) with (fillfactor = 80);
create index due_jobs on ops.jobs (due_at) where status = 'pending';
create index running_jobs on ops.jobs (leased_until) where status = 'processing';
create index unprocessed_jobs on ops.jobs (status, received_at) where status <> 'processed';
create index jobs_by_end on ops.jobs (processed_at) where processed_at is not null;
create index jobs_by_time on ops.jobs (received_at, job_id);
create index jobs_by_sync on ops.jobs (direction, entity_type) where direction is not null;
create index jobs_by_batch on ops.jobs (batch_id, status) where batch_id is not null;

-- Sources and tools whose jobs wait until somebody lets them go on.
create table ops.job_pauses (
  scope     text             not null,
  name      text collate "C" not null,
  reason    text             not null,
  paused_by text collate "C" not null,
  paused_at timestamptz      not null default now(),
  primary key (scope, name),
  constraint scope_is_known check (scope in ('source', 'tool'))
);

do $$
declare
  owned text;
begin
  foreach owned in array array['jobs', 'job_batches', 'job_pauses'] loop
    execute format('alter table ops.%I enable row level security, force row level security', owned);
    execute format('create policy owner_keeps on ops.%I to toolwatch_owner using (true) with check (true)', owned);
    execute format(
      'create policy operator_sees_all on ops.%I for select to toolwatch_operator, toolwatch_operator_sql using (true)',
      owned);
    execute format(
      'create policy operator_reads_by_api on ops.%I for select to toolwatch_reader '
        'using ((select current_setting(%L, true)) = %L)',
      owned, 'app.tenant_id', '*');
    execute format('create policy editor_changes on ops.%I to toolwatch_editor using (true) with check (true)', owned);
    execute format(
      'grant select on ops.%I to toolwatch_reader, toolwatch_operator, toolwatch_operator_sql, toolwatch_tenant_sql',
      owned);
    execute format('grant select, insert, update, delete on ops.%I to toolwatch_editor', owned);
  end loop;
end
$$;
-- A job and what became of it are its tenant's; batches and pauses are the operator's.
create policy tenant_sees_own on ops.jobs for select to toolwatch_reader
  using ((select current_setting('app.tenant_id', true)) = tenant_id);
create policy bound_tenant_sees_own on ops.jobs for select to toolwatch_tenant_sql
  using (tenant_id = (
    select bound.tenant_id from rollup.bound_tenants as bound
    where bound.transaction_id = pg_current_xact_id_if_assigned()));

create policy jobs_works on ops.jobs to toolwatch_jobs using (true) with check (true);
create policy jobs_reads_batches on ops.job_batches for select to toolwatch_jobs using (true);
create policy jobs_reads_pauses on ops.job_pauses for select to toolwatch_jobs using (true);
grant select, insert, update on ops.jobs to toolwatch_jobs;
grant select on ops.job_batches, ops.job_pauses to toolwatch_jobs;

create policy retention_forgets on ops.jobs to toolwatch_retention using (true) with check (true);
create policy retention_forgets on ops.job_batches to toolwatch_retention using (true) with check (true);
grant select (job_id, status, received_at, processed_at, changed_at, batch_id), delete on ops.jobs to toolwatch_retention;
grant select (batch_id, requested_at), delete on ops.job_batches to toolwatch_retention;
