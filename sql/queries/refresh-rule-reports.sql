-- What is to be reported of alert rules: see rollup.alert_rule_reports.
select name, severity, holds, was_held, is_failing, was_failing from rollup.alert_rule_reports()
