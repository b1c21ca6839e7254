-- The rules that are on, those first that were not evaluated for the longest time.
create function rollup.alert_rules_to_evaluate() returns table (name text)
language sql stable security definer set search_path = ''
as $$
  select name
  from ops.alert_rules
  join ops.alert_rule_states using (name)
  where enabled
  order by evaluated_at nulls first, name
$$;

-- How long each following statement of this transaction may take. A function, because a statement that calls set_config
-- itself makes a database proxy pin the connection to its client.
create function rollup.limit_statements(milliseconds integer) returns void
language plpgsql
as $$
begin
  perform set_config('statement_timeout', milliseconds::text, true);
end
$$;

-- Evaluates a rule that is on, and stores what it holds for. Returns what there is to say of the evaluation; no row for
-- a rule that is gone or off meanwhile.
create function rollup.evaluate_alert_rule(rule_name text)
returns table (outcome text, figure double precision, calls bigint, held_for bigint)
language plpgsql security definer set search_path = ''
as $$
declare
  moment constant timestamptz := analytics.clock();
  max_findings constant integer := 1000;
  evaluated jsonb;
  compared record;
begin
  -- Nobody changes the rule while it is evaluated, so that what is stored is of one rule.
  select rule into evaluated from ops.alert_rules where name = rule_name and enabled for share;
  if evaluated is null then
    return;
  end if;
  with figures as materialized (
    select
      found.tenant_id, found.call_name, found.calls, found.figure,
      rollup.alert_rule_badness(evaluated, found.figure) as badness,
      rollup.alert_rule_holds(evaluated, found.figure) as holds
    from rollup.alert_rule_figures(evaluated, moment) as found
    where found.figure is not null and coalesce(found.calls >= (evaluated ->> 'min_calls')::bigint, true)
  ),
  removed as (
    delete from ops.alert_rule_findings as known
    where known.rule_name = evaluate_alert_rule.rule_name and not exists (
      select from figures
      where figures.tenant_id = known.tenant_id and figures.call_name = known.call_name and figures.holds)
  ),
  stored as (
    insert into ops.alert_rule_findings as known (rule_name, tenant_id, call_name, figure, calls, holds_since)
    select evaluate_alert_rule.rule_name, figures.tenant_id, figures.call_name, figures.figure, figures.calls, moment
    from figures
    where holds
    order by badness desc, figures.tenant_id, figures.call_name
    limit max_findings
    on conflict on constraint one_row_a_finding do update set figure = excluded.figure, calls = excluded.calls
  )
  select
    coalesce(bool_or(holds), false) as holds, count(*) filter (where holds) as held_for, count(*) > 0 as is_known,
    (array_agg(figures.figure order by badness desc, figures.tenant_id, figures.call_name))[1] as figure,
    (array_agg(figures.calls order by badness desc, figures.tenant_id, figures.call_name))[1] as calls
  into compared
  from figures;

  return query
    update ops.alert_rule_states as state set
      outcome = case when compared.holds then 'holds' when compared.is_known then 'does_not_hold' else 'no_data' end,
      evaluated_at = moment,
      error = null,
      holds_since = case when compared.holds then coalesce(state.holds_since, moment) end,
      last_held_at = case when compared.holds then moment else state.last_held_at end,
      figure = compared.figure,
      calls = compared.calls,
      held_for = compared.held_for,
      quiet_since = case when compared.holds then moment else state.quiet_since end,
      baked_at = case
        when not compared.holds
          and state.quiet_since <= moment - make_interval(days => (evaluated ->> 'bake_days')::integer)
        then coalesce(state.baked_at, moment)
        else state.baked_at
      end
    where state.name = rule_name
    returning state.outcome, state.figure, state.calls, state.held_for;
end
$$;

-- Notes that a rule could not be evaluated, and why. What it held for before is still what is known.
create function rollup.note_alert_rule_error(rule_name text, why text) returns void
language sql security definer set search_path = ''
as $$
  update ops.alert_rule_states
  set outcome = 'not_evaluated', evaluated_at = analytics.clock(), error = left(why, 1000),
    last_failed_at = analytics.clock()
  where name = rule_name
$$;

-- What is to be reported of rules: of each that holds, or cannot be evaluated, and for half an hour that this is over.
create function rollup.alert_rule_reports()
returns table (name text, severity text, holds boolean, was_held boolean, is_failing boolean, was_failing boolean)
language sql stable security definer set search_path = ''
as $$
  select *
  from (
    select
      name, rollup.severity_of_rule(rule, baked_at) as severity,
      enabled and outcome = 'holds' as holds,
      coalesce(last_held_at > analytics.clock() - interval '30 minutes', false)
        and outcome <> 'not_evaluated' as was_held,
      enabled and outcome = 'not_evaluated' as is_failing,
      coalesce(last_failed_at > analytics.clock() - interval '30 minutes', false) as was_failing
    from ops.alert_rules
    join ops.alert_rule_states using (name)
  ) as reported
  where holds or was_held or is_failing or was_failing
  order by holds desc, severity = 'critical' desc, is_failing desc, name
$$;

grant execute on function
  rollup.alert_rules_to_evaluate(), rollup.limit_statements(integer), rollup.evaluate_alert_rule(text),
  rollup.note_alert_rule_error(text, text), rollup.alert_rule_reports()
  to toolwatch_refresher;
