-- The counters and histograms of Prometheus. exemplar_at is in seconds since 1970.
select
  family, labels, counts::double precision[] as counts, total, falls, exemplar_trace_id,
  exemplar_ms / 1000 as exemplar_seconds, extract(epoch from exemplar_at)::double precision as exemplar_at
from analytics.metric_totals
order by family, labels
