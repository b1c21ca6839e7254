-- The values of the Prometheus counters.
select kind, name, error_code, fault, calls, seconds
from analytics.call_totals
order by kind, name, error_code, fault
