-- The next batch's number.
-- A function, because a statement that uses a sequence itself makes a database proxy pin the connection to its client.
create function analytics.next_batch_id() returns bigint
language sql volatile
as $$
  select nextval('analytics.batch_ids')
$$;

grant execute on function analytics.next_batch_id() to toolwatch_writer;
