-- Each deployment, written by the migrate step: what tells whether a failure came with one. A rollback is a deployment too.
create table analytics.deployments (
  deployment_id bigint generated always as identity primary key,
  version       text        not null,
  environment   text        not null,
  started_at    timestamptz not null default now(),
  -- Those this deployment applied.
  migrations    text[]      not null
);
create index deployments_by_time on analytics.deployments (started_at);

grant select on analytics.deployments to toolwatch_reader, toolwatch_operator;
