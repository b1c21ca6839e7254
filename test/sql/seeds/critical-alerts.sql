SELECT * FROM v_alert_conditions
WHERE severity = 'critical'
ORDER BY resource_name;
