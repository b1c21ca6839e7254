-- The alert rules to evaluate, in this order.
select name from rollup.alert_rules_to_evaluate()
