-- The gauges of Prometheus.
select series, value, set_by_call
from analytics.metric_gauges
order by set_by_call, series
