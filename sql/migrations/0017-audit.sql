-- What people changed by hand, or tried to: one row an attempt, which nobody changes or deletes afterwards.
create table ops.audit (
  audit_id   uuid             primary key,
  at         timestamptz      not null,
  actor      text collate "C" not null,
  -- How it is known who acted: see contract/audit-line.ts.
  actor_kind text             not null,
  action     text collate "C" not null,
  target     text collate "C" not null,
  reason     text,
  success    boolean          not null,
  error      text,
  change     jsonb,
  stored_at  timestamptz      not null default now(),
  constraint actor_kind_is_known check (actor_kind in ('token', 'iam', 'stated', 'service'))
);
create index audit_by_time on ops.audit (at);
create index audit_by_target on ops.audit (target, at);

alter table ops.audit enable row level security, force row level security;
-- Who works on the deployment is no tenant's business.
create policy operator_sees_all on ops.audit for select to toolwatch_operator, toolwatch_operator_sql using (true);
create policy operator_reads_by_api on ops.audit for select to toolwatch_reader
  using ((select current_setting('app.tenant_id', true)) = '*');
create policy writer_adds on ops.audit for insert to toolwatch_writer with check (true);
-- Whether a row is stored already, and nothing about it.
create policy writer_knows_keys on ops.audit for select to toolwatch_writer using (true);
create policy owner_keeps on ops.audit to toolwatch_owner using (true) with check (true);

grant insert, select (audit_id) on ops.audit to toolwatch_writer;
grant select on ops.audit to toolwatch_reader, toolwatch_operator, toolwatch_operator_sql, toolwatch_tenant_sql;
