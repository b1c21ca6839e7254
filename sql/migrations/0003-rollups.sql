-- What is derived from the facts: counts, sums and histograms that merge across time, tenants and tools.
-- error_code and fault are '' for a success. histogram is sparse: each element is a bucket's number << 32 | its count
-- (rollup.bucket_of says which durations a bucket holds). Readers sum the counts by bucket, so a bucket may occur twice.

-- Batches stored and not rolled up yet. Visible exactly when their rows are, so nothing is missed and nothing counted twice.
create table rollup.pending_batches (
  batch_id         bigint      primary key,
  calls            integer     not null,
  first_started_at timestamptz not null,
  last_started_at  timestamptz not null,
  noted_at         timestamptz not null default now()
) with (autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

-- How far roll-up and summaries have come, in calls. One row.
create table rollup.progress (
  only_row boolean primary key default true,
  counted  bigint not null default 0,
  shown    bigint not null default 0,
  constraint there_is_one_row check (only_row)
);
insert into rollup.progress default values;

create table rollup.tool_5m (
  bucket          timestamptz      not null,
  kind            text collate "C" not null,
  name            text collate "C" not null,
  error_code      text collate "C" not null,
  fault           text collate "C" not null,
  cold_start      boolean          not null,
  calls           bigint           not null,
  total_us        numeric          not null,
  min_ms          double precision not null,
  max_ms          double precision not null,
  retries         bigint           not null,
  request_bytes   numeric          not null,
  response_bytes  numeric          not null,
  cost_usd        numeric          not null,
  last_started_at timestamptz      not null,
  histogram       bigint[]         not null,
  constraint one_cell_a_5m primary key (bucket, kind, name, error_code, fault, cold_start)
) with (fillfactor = 70);

create table rollup.tool_hour (
  like rollup.tool_5m,
  constraint one_cell_an_hour primary key (bucket, kind, name, error_code, fault, cold_start)
) with (fillfactor = 70);

-- The long past: hours of the same day folded into one.
create table rollup.tool_day (
  like rollup.tool_5m,
  constraint one_cell_a_day primary key (bucket, kind, name, error_code, fault, cold_start)
);

create table rollup.tenant_hour (
  tenant_id text collate "C" not null,
  like rollup.tool_5m,
  constraint one_cell_a_tenant_hour primary key (tenant_id, bucket, kind, name, error_code, fault, cold_start)
) with (fillfactor = 70);
create index tenant_hour_beside_tools on rollup.tenant_hour (kind, bucket) where kind <> 'tool';

create table rollup.tenant_day (
  like rollup.tenant_hour,
  constraint one_cell_a_tenant_day primary key (tenant_id, bucket, kind, name, error_code, fault, cold_start)
);

-- What people ask of an hour, worked out when it changes: percentiles cost more to read from histograms than to keep.
create table rollup.tool_hour_figures (
  kind          text collate "C" not null,
  name          text collate "C" not null,
  bucket        timestamptz      not null,
  calls         bigint           not null,
  failed        bigint           not null,
  caller_failed bigint           not null,
  timed_out     bigint           not null,
  cold          bigint           not null,
  p50_ms        double precision,
  p95_ms        double precision,
  p99_ms        double precision,
  p95_all_ms    double precision not null,
  constraint one_row_a_tool_hour primary key (kind, name, bucket)
);

-- Each tenant's tools over the 24 hours between from_hour and until_hour, in one cell; the hour at hand is read beside it.
-- Bounds that are gone, because a late call came or time went on, say that the window may not be used.
create table rollup.tenant_window (
  tenant_id       text collate "C" not null,
  name            text collate "C" not null,
  error_code      text collate "C" not null,
  fault           text collate "C" not null,
  cold_start      boolean          not null,
  calls           bigint           not null,
  total_us        numeric          not null,
  min_ms          double precision not null,
  max_ms          double precision not null,
  retries         bigint           not null,
  cost_usd        numeric          not null,
  last_started_at timestamptz      not null,
  histogram       bigint[]         not null,
  constraint one_cell_a_window primary key (tenant_id, name, error_code, fault, cold_start)
);
create table rollup.tenant_window_bounds (
  tenant_id  text collate "C" primary key,
  from_hour  timestamptz not null,
  until_hour timestamptz not null
);

-- Business figures.
create table rollup.measure_hour (
  tenant_id text collate "C" not null,
  bucket    timestamptz      not null,
  kind      text collate "C" not null,
  name      text collate "C" not null,
  measure   text collate "C" not null,
  times     bigint           not null,
  total     numeric          not null,
  lowest    numeric          not null,
  highest   numeric          not null,
  constraint one_cell_a_measure primary key (tenant_id, bucket, kind, name, measure)
) with (fillfactor = 70);

-- Failures that are the same failure.
create table rollup.error_hour (
  tenant_id     text collate "C" not null,
  bucket        timestamptz      not null,
  kind          text collate "C" not null,
  name          text collate "C" not null,
  fingerprint   text collate "C" not null,
  error_code    text collate "C" not null,
  fault         text collate "C" not null,
  calls         bigint           not null,
  first_seen_at timestamptz      not null,
  last_seen_at  timestamptz      not null,
  error_type    text,
  error_message text,
  last_version  text             not null,
  last_event_id uuid             not null,
  constraint one_cell_an_error primary key (tenant_id, bucket, kind, name, fingerprint, error_code, fault)
) with (fillfactor = 70);

-- What an outside service last said about how much it still allows.
create table rollup.rate_limits (
  tenant_id     text collate "C" not null,
  key_type      text collate "C" not null,
  identifier    text collate "C" not null,
  request_count numeric          not null,
  limit_max     numeric          not null,
  reset_at      timestamptz,
  seen_at       timestamptz      not null,
  constraint one_row_a_limit primary key (tenant_id, key_type, identifier)
) with (fillfactor = 70);

-- Whose calls there are, and when each last called.
create table rollup.tenants (
  tenant_id       text collate "C" primary key,
  first_called_at timestamptz not null,
  last_called_at  timestamptz not null
) with (fillfactor = 70);

do $$
declare
  owned text;
begin
  foreach owned in array array['tenant_hour', 'tenant_day', 'measure_hour', 'tenant_window', 'tenant_window_bounds', 'error_hour',
    'rate_limits', 'tenants'] loop
    execute format('alter table rollup.%I enable row level security', owned);
    execute format('alter table rollup.%I force row level security', owned);
    execute format('create policy owner_keeps on rollup.%I to toolwatch_owner using (true) with check (true)', owned);
    execute format('create policy operator_sees_all on rollup.%I for select to toolwatch_operator using (true)', owned);
    execute format(
      'create policy tenant_sees_own on rollup.%I for select to toolwatch_reader using ((select current_setting(%L, true)) in (tenant_id, %L))',
      owned, 'app.tenant_id', '*');
    execute format('grant select on rollup.%I to toolwatch_reader, toolwatch_operator', owned);
  end loop;
end
$$;
grant select on rollup.tool_5m, rollup.tool_hour, rollup.tool_day, rollup.tool_hour_figures, rollup.pending_batches
  to toolwatch_operator;
-- The writer notes its batch and can neither read nor withdraw the note.
grant insert on rollup.pending_batches to toolwatch_writer;
