-- Makes the transaction the only one that counts calls or changes roll-ups, until it ends: two would upsert the same
-- cells in different orders and could deadlock. Waits for another that does, at most for so long, and
-- then raises lock_not_available. The lock is on a row, because every role can take an advisory lock, and a session
-- that holds one would let nothing be counted.
create function rollup.lock_roll_ups(max_wait interval) returns void
language plpgsql set search_path = ''
as $$
declare
  previous_lock_timeout text := current_setting('lock_timeout');
begin
  perform set_config('lock_timeout', (extract(epoch from max_wait) * 1000)::integer::text, true);
  begin
    perform from rollup.progress for update;
  exception when lock_not_available then
    raise exception 'another transaction has been counting calls or refreshing views for more than %', max_wait
      using errcode = 'lock_not_available',
        hint = 'Which one: select pid, usename, state, query from pg_stat_activity '
          'where pid in (select pid from pg_locks where relation = ''rollup.progress''::regclass)';
  end;
  perform set_config('lock_timeout', previous_lock_timeout, true);
end
$$;
