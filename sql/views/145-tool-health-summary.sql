-- The health of every tool that has thresholds or was called in the last 24 hours. error_count and error_rate_pct count
-- every failure. health_status has fixed limits and leaves out the calls that failed by the caller's fault, from the
-- failures and from the calls: it compares error_rate_without_callers_pct. verdict compares failures that are not the
-- caller's fault with the thresholds of the tool's own alarms, and says when there are too few calls to decide.
create view analytics.tool_health_summary with (security_barrier) as
with figures as (
  select * from rollup.operator_health_24h
  where (select shows_all_calls from rollup.visibility)
  union all
  select * from rollup.tenant_health_24h
),
measured as (
  select
    coalesce(figures.tool_name, tool_thresholds.name) as tool_name,
    coalesce(total_invocations, 0) as total_invocations,
    coalesce(error_count, 0) as error_count,
    coalesce(error_rate_pct, 0) as error_rate_pct,
    coalesce(caller_error_count, 0) as caller_error_count,
    coalesce(error_count - caller_error_count, 0) as failures,
    coalesce(
      round(100.0 * (error_count - caller_error_count) / nullif(total_invocations - caller_error_count, 0), 2), 0
    ) as error_rate_without_callers_pct,
    coalesce(timeout_count, 0) as timeout_count,
    coalesce(cold_start_count, 0) as cold_start_count,
    coalesce(retry_count, 0) as retry_count,
    coalesce(cost_usd, 0) as cost_usd,
    coalesce(unique_error_codes, 0) as unique_error_codes,
    most_common_error, most_common_fault, last_invoked_at,
    p50_ms, figures.p95_ms, p99_ms, avg_ms, min_ms, max_ms, p95_all_ms,
    coalesce(tool_thresholds.p95_ms, 10000) as allowed_p95_ms,
    coalesce(tool_thresholds.error_rate, 0.05) as allowed_error_rate,
    coalesce(tool_thresholds.min_calls, 20) as min_calls,
    coalesce(tool_thresholds.min_errors, 3) as min_errors
  from figures
  full join (select * from analytics.tool_thresholds where (select analytics.scope()) is not null) as tool_thresholds
    on tool_thresholds.name = figures.tool_name
),
evaluated as (
  select
    *,
    case
      when total_invocations < min_calls then 'insufficient_data'
      when failures >= min_errors and failures > allowed_error_rate * total_invocations then 'critical'
      when p95_all_ms > allowed_p95_ms then 'warning'
      else 'healthy'
    end as verdict,
    analytics.wilson_low(failures, total_invocations) as failure_rate_low,
    analytics.wilson_high(failures, total_invocations) as failure_rate_high
  from measured
)
select
  tool_name,
  verdict,
  case
    when total_invocations = 0 then 'no calls in 24 hours'
    else concat_ws('; ',
      case
        when error_count = 0 then format('%s call%s, none failed', total_invocations,
          case when total_invocations <> 1 then 's' end)
        else format('%s of %s calls fail (%s %%), mostly %s, %s', error_count, total_invocations,
          analytics.format_part(error_count, total_invocations), most_common_error,
          case most_common_fault
            when 'caller' then 'the caller''s fault'
            when 'dependency' then 'the dependency''s fault'
            when 'platform' then 'the platform''s fault'
            else 'our own fault'
          end)
      end,
      case
        when verdict = 'insufficient_data' then format('fewer than %s calls prove nothing', min_calls)
        when verdict = 'critical' then
          format('%s %% without the caller''s faults, %s %% allowed',
            analytics.format_part(failures, total_invocations),
            -- With one decimal, and with more where the limit has them.
            to_char(100 * allowed_error_rate::numeric, 'FM990.0999'))
        when verdict = 'warning' then
          format('19 of 20 calls take up to %s ms, %s allowed', round(p95_all_ms), round(allowed_p95_ms))
      end)
  end as health_reason,
  case
    when error_rate_without_callers_pct > 10 then 'critical'
    when error_rate_without_callers_pct > 5 or p95_ms > 10000 then 'warning'
    else 'healthy'
  end as health_status,
  total_invocations,
  error_count,
  error_rate_pct,
  caller_error_count,
  timeout_count,
  most_common_error,
  most_common_fault,
  unique_error_codes,
  p50_ms,
  p95_ms,
  p99_ms,
  avg_ms,
  min_ms,
  max_ms,
  p95_all_ms,
  cold_start_count,
  retry_count,
  cost_usd,
  last_invoked_at,
  -- How certain the failure rate is: its 95 % bounds, in percent. Confidence is high when both are on the same side
  -- of the threshold.
  round((100 * failure_rate_low)::numeric, 2) as failure_rate_low_pct,
  round((100 * failure_rate_high)::numeric, 2) as failure_rate_high_pct,
  case
    when total_invocations = 0 then 'low'
    when failure_rate_low > allowed_error_rate or failure_rate_high <= allowed_error_rate then 'high'
    else 'low'
  end as confidence,
  error_rate_without_callers_pct
from evaluated;

grant select on analytics.tool_health_summary to toolwatch_reader, toolwatch_operator;
