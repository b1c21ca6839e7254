-- refresh_all_views under the name that its users know from the monitoring of webhooks and rules.
create function analytics.refresh_monitoring_views() returns setof analytics.refresh_log
language sql
as $$ select * from analytics.refresh_all_views() $$;

grant execute on function analytics.refresh_monitoring_views() to toolwatch_refresher, toolwatch_operator;
