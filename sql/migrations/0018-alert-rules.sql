-- The role by which the api function changes what people may change, and nothing else.
do $$
declare
  role_name constant text := 'toolwatch_editor';
begin
  begin
    execute format('create role %I login', role_name);
  exception when duplicate_object or unique_violation then null;
  end;
  if exists (select from pg_roles where rolname = 'rds_iam') and not pg_has_role(role_name, 'rds_iam', 'member') then
    execute format('grant rds_iam to %I', role_name);
  end if;
  execute format('grant connect on database %I to %I', current_database(), role_name);
  execute format('alter role %I in database %I set idle_in_transaction_session_timeout = %L',
    role_name, current_database(), '60s');
  execute format('alter role %I in database %I set statement_timeout = %L', role_name, current_database(), '15s');
  execute format('alter role %I in database %I set lock_timeout = %L', role_name, current_database(), '5s');
end
$$;
grant usage on schema ops to toolwatch_editor, toolwatch_refresher;

-- When people are to be notified: rules of their own, and those that ship. rule is what contract/alert-rules/rule.ts
-- allows, without its field enabled, which is the column alone.
create table ops.alert_rules (
  name       text collate "C" primary key,
  rule       jsonb            not null,
  enabled    boolean          not null,
  -- What analytics.v_alert_conditions calls what it finds.
  condition  text collate "C" not null,
  -- NULL for a rule of a user's own; else the rule as it shipped, by which a newer version knows whether somebody
  -- changed it.
  shipped    jsonb,
  changed_at timestamptz      not null default now(),
  changed_by text collate "C" not null
);

-- What the evaluations of a rule found. A rule that was changed begins anew.
create table ops.alert_rule_states (
  name           text collate "C" primary key references ops.alert_rules (name) on delete cascade,
  outcome        text        not null default 'no_data',
  evaluated_at   timestamptz,
  error          text,
  holds_since    timestamptz,
  last_held_at   timestamptz,
  last_failed_at timestamptz,
  figure         double precision,
  calls          bigint,
  held_for       bigint      not null default 0,
  -- Since when it has not held, and when it had not for long enough.
  quiet_since    timestamptz not null default now(),
  baked_at       timestamptz,
  constraint outcome_is_known check (outcome in ('holds', 'does_not_hold', 'no_data', 'not_evaluated'))
);

-- What each rule holds for: tenant_id and call_name are '' where it is not evaluated for each.
create table ops.alert_rule_findings (
  rule_name   text collate "C" not null references ops.alert_rules (name) on delete cascade,
  tenant_id   text collate "C" not null,
  call_name   text collate "C" not null,
  figure      double precision not null,
  calls       bigint,
  holds_since timestamptz      not null,
  constraint one_row_a_finding primary key (rule_name, tenant_id, call_name)
);

do $$
declare
  owned text;
begin
  foreach owned in array array['alert_rules', 'alert_rule_states', 'alert_rule_findings'] loop
    execute format('alter table ops.%I enable row level security, force row level security', owned);
    execute format('create policy owner_keeps on ops.%I to toolwatch_owner using (true) with check (true)', owned);
    execute format(
      'create policy operator_sees_all on ops.%I for select to toolwatch_operator, toolwatch_operator_sql using (true)',
      owned);
    execute format(
      'create policy operator_reads_by_api on ops.%I for select to toolwatch_reader '
        'using ((select current_setting(%L, true)) = %L)',
      owned, 'app.tenant_id', '*');
    execute format(
      'grant select on ops.%I '
        'to toolwatch_reader, toolwatch_operator, toolwatch_operator_sql, toolwatch_tenant_sql',
      owned);
  end loop;
end
$$;
create policy editor_changes on ops.alert_rules to toolwatch_editor using (true) with check (true);
create policy editor_begins_anew on ops.alert_rule_states to toolwatch_editor using (true) with check (true);
create policy editor_removes on ops.alert_rule_findings to toolwatch_editor using (true);
grant select, insert, update, delete on ops.alert_rules to toolwatch_editor;
grant select, insert, update on ops.alert_rule_states to toolwatch_editor;
grant select, delete on ops.alert_rule_findings to toolwatch_editor;

-- Whoever changes something by the api adds what was changed, in the same transaction.
create policy editor_adds on ops.audit for insert to toolwatch_editor with check (true);
create policy editor_knows_keys on ops.audit for select to toolwatch_editor using (true);
grant insert, select (audit_id) on ops.audit to toolwatch_editor;
