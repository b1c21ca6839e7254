-- Removes the rule $1, with what it found.
delete from ops.alert_rules where name = $1
