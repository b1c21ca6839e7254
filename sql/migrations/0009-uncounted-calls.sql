-- Stored calls that are in no roll-up, although their batch is no longer pending: those that wait to be counted singly,
-- because their batch could not be counted as a whole, and those that could not be counted at all, with the reason.
create table rollup.uncounted_calls (
  started_at timestamptz not null,
  event_id   uuid        not null,
  -- When its batch was stored.
  noted_at   timestamptz not null,
  reason     text,
  constraint one_row_an_uncounted_call primary key (started_at, event_id)
);
grant select on rollup.uncounted_calls to toolwatch_operator;

-- How many calls were put aside, and how many of them refresh has reported.
alter table rollup.progress
  add column put_aside bigint not null default 0,
  add column reported  bigint not null default 0;

-- Failures of tools that do not exist become one group, as roll-up counts them from now on.
with invented as (
  delete from rollup.error_hour
  where kind = 'tool' and name = '_OTHER' and fingerprint <> coalesce(error_type, '')
  returning *
)
insert into rollup.error_hour
select
  tenant_id, bucket, kind, name, coalesce(error_type, ''), error_code, fault, sum(calls), min(first_seen_at),
  max(last_seen_at), min(error_type), min(error_message), max(last_version), max(last_event_id::text)::uuid
from invented
group by tenant_id, bucket, kind, name, coalesce(error_type, ''), error_code, fault;

-- Less than the time that refresh has: it must be able to say that calls wait, instead of being killed with a statement.
do $$
begin
  execute format('alter role toolwatch_refresher in database %I set statement_timeout = %L', current_database(), '120s');
end
$$;
