-- Business measures by the hour.
create view analytics.measures_hourly with (security_invoker, security_barrier) as
select bucket as hour, tenant_id, kind, name, measure, times, total, total / times as average, lowest, highest
from rollup.measure_hour;

grant select on analytics.measures_hourly to toolwatch_reader, toolwatch_operator;
