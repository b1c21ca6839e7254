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
