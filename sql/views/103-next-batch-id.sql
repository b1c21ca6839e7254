-- The next batch's number. A function, because a proxy keeps a connection for whoever uses a sequence itself.
create function analytics.next_batch_id() returns bigint
language sql volatile
as $$
  select nextval('analytics.batch_ids')
$$;

grant execute on function analytics.next_batch_id() to toolwatch_writer;
