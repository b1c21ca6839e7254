-- HTTP requests by the hour. A request is a call of kind http; its name is the resource. errors_by_status_code has the
-- status that the client read; of a request whose line does not say it, the one that its error code stands for
-- (rollup.status_of).
create view analytics.v_api_usage_metrics with (security_invoker, security_barrier) as
with requests as (
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
  select bucket, jsonb_object_agg(status, calls order by status) as errors_by_status_code
  from (
    select bucket, status, sum(calls)::bigint as calls
    from rollup.http_hour
    where failed
    group by bucket, status
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
