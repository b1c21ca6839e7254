-- HTTP requests by the hour. A request is a call of kind http; its name is the resource.
create view analytics.v_api_usage_metrics with (security_invoker, security_barrier) as
with codes (error_code, status_code) as (
  values ('INVALID_INPUT', '400'), ('UNAUTHORIZED', '401'), ('RATE_LIMITED', '429'),
    ('TIMEOUT', '504'), ('UPSTREAM_ERROR', '502'), ('INTERNAL_ERROR', '500')
),
requests as (
  select bucket, name, error_code, calls, total_us, max_ms, histogram
  from rollup.tenant_hour
  where kind = 'http'
),
hours as (
  select
    bucket,
    sum(calls)::bigint as total_requests,
    coalesce(sum(calls) filter (where error_code = ''), 0)::bigint as successful_requests,
    coalesce(sum(calls) filter (where error_code <> ''), 0)::bigint as failed_requests,
    (sum(total_us) / sum(calls) / 1000)::double precision as avg_response_time_ms,
    rollup.percentile(0.95, rollup.concat_agg(histogram)) as p95_response_time_ms,
    max(max_ms) as max_response_time_ms
  from requests
  group by bucket
),
resources as (
  select bucket, jsonb_object_agg(name, calls order by name) as requests_by_resource
  from (select bucket, name, sum(calls)::bigint as calls from requests group by bucket, name) as by_resource
  group by bucket
),
statuses as (
  select bucket, jsonb_object_agg(status_code, calls order by status_code) as errors_by_status_code
  from (
    select bucket, status_code, sum(calls)::bigint as calls
    from requests
    join codes using (error_code)
    group by bucket, status_code
  ) as by_status
  group by bucket
)
select
  bucket as hour, total_requests, successful_requests, failed_requests, avg_response_time_ms, p95_response_time_ms,
  max_response_time_ms, requests_by_resource, coalesce(errors_by_status_code, '{}') as errors_by_status_code
from hours
join resources using (bucket)
left join statuses using (bucket);

grant select on analytics.v_api_usage_metrics to toolwatch_reader, toolwatch_operator;
