-- The last two weeks of every name that is called, as refresh evaluates them: by the hour, and from two hours ago on by
-- five minutes. Without the evaluations of alert rules, of which refresh reports itself what fails. One row a name; its
-- arrays are in the order of time. `calls` leaves out what failed by its caller's fault.
create function rollup.call_history()
returns table (
  kind text, name text, allowed_rate double precision, objective double precision,
  begins_at_ms bigint[], lasts_ms bigint[], calls bigint[], errors bigint[], all_calls bigint[]
)
language sql stable security definer set search_path = ''
as $$
  with recent as (
    select date_trunc('hour', analytics.clock()) - interval '2 hours' as since
  ),
  buckets as (
    select kind, name, bucket, 3600000 as lasts_ms, calls as all_calls,
      calls - caller_failed as calls, failed - caller_failed as errors
    from rollup.tool_hour_figures
    where bucket >= (select since from recent) - interval '14 days' and bucket < (select since from recent)
    union all
    select kind, name, bucket, 300000, sum(calls)::bigint,
      coalesce(sum(calls) filter (where fault <> 'caller'), 0)::bigint,
      coalesce(sum(calls) filter (where fault not in ('', 'caller')), 0)::bigint
    from rollup.tool_5m
    where bucket >= (select since from recent)
    group by kind, name, bucket
  )
  select
    kind, name, min(error_rate), min(objective),
    array_agg((extract(epoch from bucket) * 1000)::bigint order by bucket),
    array_agg(lasts_ms::bigint order by bucket),
    array_agg(calls order by bucket),
    array_agg(errors order by bucket),
    array_agg(all_calls order by bucket)
  from buckets
  left join analytics.tool_thresholds using (name)
  where not rollup.is_evaluation(kind, name) and not rollup.is_of_worker(kind, name)
  group by kind, name
$$;

grant execute on function rollup.call_history() to toolwatch_refresher;
