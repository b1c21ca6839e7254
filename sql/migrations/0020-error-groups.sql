-- Groups of failures that are one failure, with what people decided about each.

-- One call of a group. Two of them compare by time.
create type rollup.seen_call as (
  started_at     timestamptz,
  event_id       uuid,
  version        text collate "C",
  correlation_id text collate "C",
  trace_id       text collate "C",
  provider       text collate "C"
);

-- A group, over the calls of all tenants. The fingerprint's inputs stand beside it: name, error code, type and message.
-- '_OTHER' as the fingerprint, or as the name, is the group of what has none of its own: see rollup.error_group_limit.
create table rollup.error_groups (
  group_id      text collate "C" primary key,
  kind          text collate "C" not null,
  name          text collate "C" not null,
  fingerprint   text collate "C" not null,
  error_code    text collate "C" not null,
  fault         text collate "C" not null,
  error_type    text,
  error_message text,
  calls         bigint           not null,
  -- A bit for some of the users each: rollup.distinct_of says how many there are.
  users         bit(1024)        not null,
  tenants       integer          not null,
  oldest        rollup.seen_call not null,
  newest        rollup.seen_call not null,
  -- When it was seen again after it was resolved, and in which version.
  regressed_at      timestamptz,
  regressed_version text collate "C",
  -- When refresh found that people must be notified of it, and when that was over.
  reported_at       timestamptz,
  over_at           timestamptz,
  constraint one_row_an_error_group unique (kind, name, fingerprint, error_code, fault)
) with (fillfactor = 70);

-- The same of the calls of one tenant, in the words of its own calls.
create table rollup.tenant_error_groups (
  tenant_id     text collate "C" not null,
  group_id      text collate "C" not null,
  kind          text collate "C" not null,
  name          text collate "C" not null,
  fingerprint   text collate "C" not null,
  error_code    text collate "C" not null,
  fault         text collate "C" not null,
  error_type    text,
  error_message text,
  calls         bigint           not null,
  users         bit(1024)        not null,
  oldest        rollup.seen_call not null,
  newest        rollup.seen_call not null,
  constraint one_row_a_tenants_error_group primary key (tenant_id, group_id)
) with (fillfactor = 70);
create index tenant_error_groups_by_group on rollup.tenant_error_groups (group_id);

-- The hours of one group.
create index error_hour_by_group on rollup.error_hour (kind, name, fingerprint, bucket);

-- What somebody decided about a group last. Without a row nobody has.
create table ops.error_group_states (
  group_id   text collate "C" primary key,
  state      text             not null,
  -- Of a resolved group: the version that resolves it.
  version    text collate "C",
  -- Of a muted group: until when.
  muted_until timestamptz,
  reason     text,
  changed_by text collate "C" not null,
  changed_at timestamptz      not null default now(),
  constraint state_is_known check (state in ('open', 'resolved', 'muted')),
  constraint a_mute_ends check ((state = 'muted') = (muted_until is not null)),
  constraint only_what_is_resolved_has_a_version check (state = 'resolved' or version is null)
);

alter table rollup.error_groups enable row level security, force row level security;
alter table rollup.tenant_error_groups enable row level security, force row level security;
alter table ops.error_group_states enable row level security, force row level security;
create policy owner_keeps on rollup.error_groups to toolwatch_owner using (true) with check (true);
create policy operator_sees_all on rollup.error_groups for select
  to toolwatch_operator, toolwatch_operator_sql using (true);
create policy owner_keeps on rollup.tenant_error_groups to toolwatch_owner using (true) with check (true);
create policy operator_sees_all on rollup.tenant_error_groups for select
  to toolwatch_operator, toolwatch_operator_sql using (true);
create policy tenant_sees_own on rollup.tenant_error_groups for select to toolwatch_reader
  using ((select current_setting('app.tenant_id', true)) in (tenant_id, '*'));
create policy bound_tenant_sees_own on rollup.tenant_error_groups for select to toolwatch_tenant_sql
  using (tenant_id = (
    select bound.tenant_id from rollup.bound_tenants as bound
    where bound.transaction_id = pg_current_xact_id_if_assigned()));
create policy owner_keeps on ops.error_group_states to toolwatch_owner using (true) with check (true);
create policy operator_sees_all on ops.error_group_states for select
  to toolwatch_operator, toolwatch_operator_sql using (true);

grant select on rollup.error_groups to toolwatch_operator;
grant select on rollup.tenant_error_groups to toolwatch_reader, toolwatch_operator;
grant select on ops.error_group_states to toolwatch_operator, toolwatch_operator_sql;

-- What people decide is changed by the api.
create policy editor_changes on ops.error_group_states to toolwatch_editor using (true) with check (true);
create policy editor_finds on rollup.error_groups for select to toolwatch_editor using (true);
grant select, insert, update on ops.error_group_states to toolwatch_editor;
grant select (group_id, kind, name) on rollup.error_groups to toolwatch_editor;
grant usage on schema analytics, rollup to toolwatch_editor;
grant select on analytics.deployments to toolwatch_editor;
