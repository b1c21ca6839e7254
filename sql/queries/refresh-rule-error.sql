-- Notes that the alert rule $1 could not be evaluated, for the reason $2.
select rollup.note_alert_rule_error($1, $2)
