-- How much of each limit is used, as the latest call reported it: by the measures rate_limit_count, rate_limit_max and
-- rate_limit_reset_at (seconds since 1970; what is no time before 2100 is not known), and the metadata
-- rate_limit_key_type (api_key, org, ip) and rate_limit_key. After reset_at, usage is zero.
create view analytics.v_rate_limit_utilization with (security_invoker, security_barrier) as
select
  tenant_id,
  key_type,
  identifier,
  used as request_count,
  limit_max,
  round(100 * used / limit_max, 2) as utilization_pct,
  case when used >= limit_max then 'throttled' when used > 0.9 * limit_max then 'warning' else 'normal' end as status,
  analytics.to_integer(greatest(0, ceil(extract(epoch from reset_at - analytics.clock())))::double precision)
    as seconds_until_reset,
  seen_at
from rollup.rate_limits
cross join lateral (select case when reset_at <= analytics.clock() then 0 else request_count end as used) as usage;

grant select on analytics.v_rate_limit_utilization to toolwatch_reader, toolwatch_operator;
