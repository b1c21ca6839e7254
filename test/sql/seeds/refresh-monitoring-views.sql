-- Manual refresh
SELECT refresh_monitoring_views();
