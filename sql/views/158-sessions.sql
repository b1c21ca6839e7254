-- Sessions of the last 24 hours, each with the sequence of tools it called. Read from the calls themselves.
create view analytics.v_sessions with (security_invoker, security_barrier) as
select
  tenant_id,
  session_id,
  min(user_id) as user_id,
  min(started_at) as started_at,
  max(finished_at) as finished_at,
  count(*) as calls,
  count(*) filter (where not success) as failures,
  array_agg(name order by started_at, event_id) as journey
from analytics.invocations
where kind = 'tool' and session_id is not null and started_at >= (select analytics.clock() - interval '24 hours')
group by tenant_id, session_id;

grant select on analytics.v_sessions to toolwatch_reader, toolwatch_operator;
