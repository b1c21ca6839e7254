-- True for the name of a record about the evaluation of an alert rule, which is no run of a rule of a product.
create function rollup.is_evaluation(kind text, name text) returns boolean
language sql immutable parallel safe
as $$ select kind = 'rule' and name like 'alert-rule/%' $$;
