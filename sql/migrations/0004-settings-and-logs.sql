-- What each tool is measured against: the settings its alarms use, written by the migrate step.
create table analytics.tool_thresholds (
  name       text collate "C" primary key,
  p95_ms     double precision not null,
  error_rate double precision not null,
  min_calls  integer          not null,
  min_errors integer          not null
);

-- Each refresh of each view.
create table analytics.refresh_log (
  refresh_id  bigint generated always as identity primary key,
  view_name   text        not null,
  started_at  timestamptz not null,
  duration_ms double precision not null,
  outcome     text        not null,
  error       text,
  constraint outcome_is_known check (outcome in ('refreshed', 'skipped', 'failed'))
);
create index refresh_log_by_view on analytics.refresh_log (view_name, started_at);

-- How large the store was, day by day, to tell when a disk will be full.
create table analytics.size_samples (
  sampled_at     timestamptz primary key,
  database_bytes bigint not null,
  table_bytes    bigint not null,
  index_bytes    bigint not null
);

grant select on analytics.tool_thresholds, analytics.refresh_log to toolwatch_reader;
grant select on analytics.tool_thresholds, analytics.refresh_log, analytics.size_samples to toolwatch_operator;
