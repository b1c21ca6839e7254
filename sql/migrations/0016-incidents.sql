-- What people were notified of: one row a message about an incident, as the notifier wrote it on its line. The notifier
-- does not need the store, which is among what it reports on; an incident that the store learns of later is complete.
create schema ops;
create table ops.incident_messages (
  message_id  uuid             primary key,
  incident_id text collate "C" not null,
  cause       text collate "C" not null,
  kind        text             not null,
  severity    text             not null,
  alarm       text             not null,
  members     text[]           not null,
  -- When the incident began, and when the message was decided on.
  began_at    timestamptz      not null,
  notified_at     timestamptz      not null,
  title       text             not null,
  -- What the store knew by then; NULL where it was not asked, or did not answer.
  calls       bigint,
  bad_calls   bigint,
  users       bigint,
  peak_pct    double precision,
  stored_at   timestamptz      not null default now(),
  constraint kind_is_known check (kind in ('opened', 'reopened', 'escalated', 'repeated', 'over', 'quiet')),
  constraint severity_is_known check (severity in ('critical', 'warning'))
);
create index incident_messages_by_cause on ops.incident_messages (cause, notified_at);
create index incident_messages_by_time on ops.incident_messages (notified_at);

alter table ops.incident_messages enable row level security, force row level security;
-- An incident is about all tenants' calls, so no tenant sees any.
create policy operator_sees_all on ops.incident_messages for select
  to toolwatch_operator, toolwatch_operator_sql using (true);
create policy operator_reads_by_api on ops.incident_messages for select to toolwatch_reader
  using ((select current_setting('app.tenant_id', true)) = '*');
create policy writer_adds on ops.incident_messages for insert to toolwatch_writer with check (true);
-- Whether a message is stored already, and nothing about it.
create policy writer_knows_keys on ops.incident_messages for select to toolwatch_writer using (true);
create policy owner_keeps on ops.incident_messages to toolwatch_owner using (true) with check (true);

grant usage on schema ops to
  toolwatch_writer, toolwatch_reader, toolwatch_operator, toolwatch_operator_sql, toolwatch_tenant_sql;
grant insert, select (message_id) on ops.incident_messages to toolwatch_writer;
grant select on ops.incident_messages to
  toolwatch_reader, toolwatch_operator, toolwatch_operator_sql, toolwatch_tenant_sql;
