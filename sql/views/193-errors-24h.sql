-- How many calls of all tools failed in the last 24 hours, not by the caller's fault, as of the last refresh.
create function rollup.errors_24h() returns bigint
language sql stable security definer set search_path = ''
as $$
  select coalesce(sum(error_count - caller_error_count), 0)::bigint from analytics.tool_error_rate_24h
$$;

grant execute on function rollup.errors_24h() to toolwatch_refresher;
