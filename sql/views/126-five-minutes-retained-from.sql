-- Five-minute cells are retained from this moment on; before it, the same calls are counted by the hour only.
create function rollup.five_minutes_retained_from() returns timestamptz
language sql stable parallel safe
as $$ select ((analytics.clock() at time zone 'UTC')::date - 8)::timestamp at time zone 'UTC' $$;
