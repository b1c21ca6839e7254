-- Jobs as the systems before call them, whose queries name these views: hooks by who sent them.
do $$
declare
  events record;
begin
  for events in
    select * from (values
      ('webhook_events', $and$ and not (source = 'texting' or source like 'texting-%'
        or source = 'broadcast' or source like 'broadcast-%')$and$),
      ('texting_webhook_events', $and$ and (source = 'texting' or source like 'texting-%')$and$),
      ('broadcast_webhook_events', $and$ and (source = 'broadcast' or source like 'broadcast-%')$and$)
    ) as named (view, sources)
  loop
    execute format(
      $view$
        create view analytics.%I with (security_invoker, security_barrier) as
        select
          job_id as id,
          source,
          status,
          received_at,
          processed_at,
          error_message,
          error_code,
          tenant_id,
          tool,
          attempts,
          delivery_key,
          due_at,
          reason,
          call_id,
          replay_of
        from ops.jobs
        where origin = 'hook' %s
      $view$, events.view, events.sources);
    execute format('grant select on analytics.%I to toolwatch_reader, toolwatch_operator', events.view);
  end loop;
end
$$;
