-- What of alert rules and their evaluations several views and functions must agree on.

-- True for the name of a record about the evaluation of an alert rule, which is no run of a rule of a product.
create function rollup.is_evaluation(kind text, name text) returns boolean
language sql immutable parallel safe
as $$ select kind = 'rule' and name like 'alert-rule/%' $$;

-- How severe what a rule finds is: a warning at most while it bakes.
create function rollup.severity_of_rule(rule jsonb, baked_at timestamptz) returns text
language sql immutable parallel safe
as $$ select case when baked_at is null then 'warning' else rule ->> 'severity' end $$;

grant execute on function rollup.is_evaluation(text, text), rollup.severity_of_rule(jsonb, timestamptz)
  to toolwatch_reader, toolwatch_operator;

-- Whether calls under this name are the records of the worker about jobs. The calls of their tools have records too, by
-- which refresh reports what fails: it is not reported twice.
create function rollup.is_of_worker(kind text, name text) returns boolean
language sql stable security definer set search_path = ''
as $$
  select case kind
    when 'job' then exists (select from ops.jobs where jobs.source = is_of_worker.name and jobs.direction is null)
    when 'sync' then exists (
      select from ops.jobs
      where jobs.direction = split_part(is_of_worker.name, ':', 1)
        and jobs.entity_type = split_part(is_of_worker.name, ':', 2))
    else false
  end
$$;
