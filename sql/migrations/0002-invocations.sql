-- The facts: one row a call, under the record's own keys.
-- What is always there and of fixed width stands first, widest first: no byte goes into alignment, and roll-up reaches it at once.
create table analytics.invocations (
  started_at        timestamptz      not null,
  finished_at       timestamptz      not null,
  -- What only the store knows: when the row came, and in which batch, by which roll-up finds it.
  created_at        timestamptz      not null default now(),
  batch_id          bigint           not null,
  duration_ms       double precision not null,
  event_id          uuid             not null,
  attempts          integer          not null,
  cold_start        boolean          not null,
  success           boolean          not null,
  kind              text collate "C" not null,
  name              text collate "C" not null,
  tenant_id         text collate "C" not null,
  service           text collate "C" not null,
  environment       text collate "C" not null,
  version           text collate "C" not null,
  correlation_id    text collate "C" not null,
  error_code        text collate "C",
  fault             text collate "C",
  error_type        text collate "C",
  error_message     text collate "C",
  error_fingerprint text collate "C",
  retryable         boolean,
  user_id           text collate "C",
  session_id        text collate "C",
  gpt_name          text collate "C",
  source_gpt        text collate "C",
  client_name       text collate "C",
  client_version    text collate "C",
  user_agent        text collate "C",
  provider          text collate "C",
  domain            text collate "C",
  trace_id          text collate "C",
  parent_id         uuid,
  replay_of         uuid,
  request_bytes     bigint,
  response_bytes    bigint,
  cost_usd          double precision,
  metadata          jsonb,
  measures          jsonb,

  -- The time comes first, so that ids of any kind keep their inserts together, and the last hours are one stretch of the index.
  constraint one_row_an_event primary key (started_at, event_id),
  constraint duration_is_not_negative check (duration_ms >= 0),
  constraint tenant_is_not_everybody check (tenant_id <> '*')
) partition by range (started_at);

-- Calls so late, or so early, that no day was made for them.
create table analytics.invocations_default partition of analytics.invocations default;

-- Finds the rows of a batch for roll-up. A few bytes for every hundred rows.
create index invocations_by_batch on analytics.invocations
  using brin (batch_id) with (pages_per_range = 32, autosummarize = on);
-- Recent failures, of all or of a tenant. Two calls in a hundred are in it.
create index failed_invocations_by_time on analytics.invocations (started_at, tenant_id) where not success;

create sequence analytics.batch_ids;

-- A record as ingest hands it over. A column more is a new type beside this one: a running older ingest still sends this.
create type analytics.delivered_v1 as (
  event_id uuid, kind text, name text, service text, environment text, version text,
  started_at timestamptz, finished_at timestamptz, duration_ms double precision, cold_start boolean,
  success boolean, error_code text, error_type text, error_message text, error_fingerprint text, fault text,
  retryable boolean, attempts integer,
  tenant_id text, user_id text, session_id text, gpt_name text, source_gpt text, client_name text,
  client_version text, user_agent text, provider text, domain text,
  correlation_id text, trace_id text, parent_id uuid, replay_of uuid,
  request_bytes bigint, response_bytes bigint, cost_usd double precision, metadata jsonb, measures jsonb
);

-- What came and could not be stored, once a line however often it comes.
create table analytics.rejects (
  reject_id     uuid        primary key,
  reason        text        not null,
  line          text        not null,
  first_seen_at timestamptz not null default now(),
  last_seen_at  timestamptz not null default now(),
  deliveries    integer     not null default 1
);
create index rejects_by_time on analytics.rejects (last_seen_at);

-- Calls that began before this are gone and rolled up: stored again, they would be counted again. One row.
create table analytics.horizon (
  only_row     boolean     primary key default true,
  dropped_before timestamptz not null default '-infinity',
  constraint there_is_one_row check (only_row)
);
insert into analytics.horizon default values;

alter table analytics.invocations enable row level security;
alter table analytics.invocations force row level security;
alter table analytics.invocations_default enable row level security;
alter table analytics.invocations_default force row level security;
alter table analytics.rejects enable row level security;
alter table analytics.rejects force row level security;

create policy writer_adds on analytics.invocations for insert to toolwatch_writer with check (true);
-- Whether a call is stored already, and nothing about it.
create policy writer_knows_keys on analytics.invocations for select to toolwatch_writer using (true);
create policy tenant_sees_own on analytics.invocations for select to toolwatch_reader
  using ((select current_setting('app.tenant_id', true)) in (tenant_id, '*'));
create policy operator_sees_all on analytics.invocations for select to toolwatch_operator using (true);
-- The owner's functions roll up and drop; even they add nothing.
create policy owner_sees_all on analytics.invocations for select to toolwatch_owner using (true);
create policy owner_removes on analytics.invocations for delete to toolwatch_owner using (true);
create policy owner_sees_all on analytics.invocations_default for select to toolwatch_owner using (true);
create policy owner_removes on analytics.invocations_default for delete to toolwatch_owner using (true);
create policy writer_keeps on analytics.rejects to toolwatch_writer using (true) with check (true);
create policy operator_sees_all on analytics.rejects for select to toolwatch_operator using (true);
create policy owner_keeps on analytics.rejects to toolwatch_owner using (true) with check (true);

grant insert, select (started_at, event_id) on analytics.invocations to toolwatch_writer;
grant usage on sequence analytics.batch_ids to toolwatch_writer;
grant select, insert, update on analytics.rejects to toolwatch_writer;
grant select on analytics.horizon to toolwatch_writer;
grant select on analytics.invocations to toolwatch_reader, toolwatch_operator;
grant select on analytics.rejects, analytics.horizon to toolwatch_operator;
