-- Test alerts
SELECT * FROM v_alert_conditions;
