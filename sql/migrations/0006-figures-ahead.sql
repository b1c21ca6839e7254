-- What would cost too much to work out whenever it is asked for.

-- All calls of most of the last 24 hours, in one cell for each tool and outcome, so that a refresh does not merge the same
-- hours every few minutes. bucket is the first of those hours: cells that name another are of no use any more.
create table rollup.house_window (
  like rollup.tool_5m,
  constraint one_cell_a_house_window primary key (kind, name, error_code, fault, cold_start)
);

-- What a tenant is shown of each of its tools, worked out when its calls have changed or an hour has passed.
create table rollup.tenant_figures (
  tenant_id           text collate "C" not null,
  tool_name           text collate "C" not null,
  total_invocations   bigint           not null,
  error_count         bigint           not null,
  error_rate_pct      numeric          not null,
  caller_error_count  bigint           not null,
  timeout_count       bigint           not null,
  cold_start_count    bigint           not null,
  retry_count         bigint           not null,
  cost_usd            numeric          not null,
  unique_error_codes  bigint           not null,
  most_common_error   text collate "C",
  most_common_fault   text collate "C",
  last_invoked_at     timestamptz      not null,
  p50_ms              double precision,
  p95_ms              double precision,
  p99_ms              double precision,
  avg_ms              double precision,
  min_ms              double precision,
  max_ms              double precision,
  p95_all_ms          double precision not null,
  constraint one_row_a_tenants_tool primary key (tenant_id, tool_name)
);
alter table rollup.tenant_figures enable row level security, force row level security;
create policy owner_keeps on rollup.tenant_figures to toolwatch_owner using (true) with check (true);
create policy operator_sees_all on rollup.tenant_figures for select to toolwatch_operator using (true);
create policy tenant_sees_own on rollup.tenant_figures for select to toolwatch_reader
  using ((select current_setting('app.tenant_id', true)) in (tenant_id, '*'));
grant select on rollup.tenant_figures to toolwatch_reader, toolwatch_operator;

-- The first of the 24 hours that the tenant's figures are of; NULL when calls have been counted since.
alter table rollup.tenants add column figures_from_hour timestamptz;
