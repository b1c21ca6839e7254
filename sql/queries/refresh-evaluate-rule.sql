-- Evaluates the alert rule $1: see rollup.evaluate_alert_rule.
select outcome, figure, calls, held_for from rollup.evaluate_alert_rule($1)
