-- now(), unless the session sets another time: set analytics.now = '2026-11-20 12:00+00'
create function analytics.clock() returns timestamptz
language sql stable parallel safe
as $$ select coalesce(nullif(current_setting('analytics.now', true), '')::timestamptz, now()) $$;

grant execute on function analytics.clock() to public;
