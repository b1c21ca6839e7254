-- now(), unless the session sets another time: set analytics.now = '2026-11-20 12:00+00'. A function that runs with its
-- owner's rights takes no notice of it, unless the session itself has these rights: every role may set a parameter, and
-- retention would drop the days that are past for such a clock.
create function analytics.clock() returns timestamptz
language sql stable parallel safe
as $$
  select case
    when current_user = session_user or pg_has_role(session_user, 'toolwatch_owner', 'member')
      then coalesce(nullif(current_setting('analytics.now', true), '')::timestamptz, now())
    else now()
  end
$$;

grant execute on function analytics.clock() to public;
