-- Cells of five minutes over all tenants' calls: for the operator's scope alone.
create view rollup.operator_cells_5m with (security_barrier) as
select bucket, kind, name, error_code, fault, calls, last_started_at
from rollup.tool_5m
where (select analytics.scope()) = '*';

-- The oldest call that is stored and in no cell yet, and since when it waits; NULLs when none waits.
create view analytics.waiting_calls with (security_barrier) as
select min(first_started_at) as first_started_at, min(noted_at) as waiting_since
from (
  select first_started_at, noted_at
  from rollup.pending_batches
  union all
  select started_at, noted_at
  from rollup.uncounted_calls
  where reason is null
) as waiting;

grant select on rollup.operator_cells_5m, analytics.waiting_calls to toolwatch_reader, toolwatch_operator;
