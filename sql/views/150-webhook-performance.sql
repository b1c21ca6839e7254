-- Each webhook's deliveries over all hours retained. A delivery is a call of kind webhook; its name is the webhook's
-- id.
create materialized view analytics.mv_webhook_performance as
with hours as (
  select
    tenant_id, name, bucket, error_code = '' as succeeded, calls, total_us, max_ms, last_started_at, histogram,
    bucket >= date_bin('1 hour', analytics.clock() - interval '24 hours', timestamptz 'epoch') as in_24h,
    bucket >= date_bin('1 hour', analytics.clock() - interval '7 days', timestamptz 'epoch') as in_7d
  from rollup.tenant_hour
  where kind = 'webhook'
),
webhooks as (
  select
    tenant_id, name,
    sum(calls)::bigint as total_deliveries,
    coalesce(sum(calls) filter (where succeeded), 0)::bigint as successful_deliveries,
    coalesce(sum(calls) filter (where not succeeded), 0)::bigint as failed_deliveries,
    (sum(total_us) / sum(calls) / 1000)::double precision as avg_duration_ms,
    rollup.percentile(0.95, rollup.concat_agg(histogram)) as p95_duration_ms,
    max(max_ms) as max_duration_ms,
    coalesce(sum(calls) filter (where in_24h), 0)::bigint as deliveries_24h,
    coalesce(sum(calls) filter (where in_24h and not succeeded), 0)::bigint as failures_24h,
    coalesce(sum(calls) filter (where in_7d), 0)::bigint as deliveries_7d,
    coalesce(sum(calls) filter (where in_7d and not succeeded), 0)::bigint as failures_7d,
    max(last_started_at) filter (where succeeded) as last_success_at,
    max(last_started_at) filter (where not succeeded) as last_failure_at,
    max(last_started_at) as last_delivery_at
  from hours
  group by tenant_id, name
)
select
  webhooks.tenant_id,
  name as webhook_id,
  coalesce(latest.metadata ->> 'url', latest.domain, name) as url,
  coalesce(latest.metadata ->> 'enabled', 'true') <> 'false' as enabled,
  total_deliveries,
  successful_deliveries,
  failed_deliveries,
  round(100.0 * successful_deliveries / total_deliveries, 2) as success_rate_pct,
  avg_duration_ms,
  p95_duration_ms,
  max_duration_ms,
  deliveries_24h,
  failures_24h,
  deliveries_7d,
  failures_7d,
  (select count(*) from analytics.invocations as failed
   where not failed.success and failed.tenant_id = webhooks.tenant_id and failed.kind = 'webhook'
     and failed.name = webhooks.name
     and failed.started_at > coalesce(last_success_at, '-infinity') and failed.started_at <= last_delivery_at
  ) as consecutive_failures,
  last_success_at,
  last_failure_at,
  last_delivery_at
from webhooks
left join lateral (
  select metadata, domain
  from analytics.invocations
  where started_at = last_delivery_at and kind = 'webhook' and invocations.name = webhooks.name
    and invocations.tenant_id = webhooks.tenant_id
  limit 1
) as latest on true;

create unique index webhook_performance_by_webhook on analytics.mv_webhook_performance (tenant_id, webhook_id);
grant select on analytics.mv_webhook_performance to toolwatch_operator;

-- The rows of it that a transaction may see.
create view analytics.webhook_performance with (security_barrier) as
select * from analytics.mv_webhook_performance
where (select analytics.scope()) in (tenant_id, '*');

grant select on analytics.webhook_performance to toolwatch_reader, toolwatch_operator;
