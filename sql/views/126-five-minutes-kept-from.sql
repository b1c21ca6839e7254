-- Cells of five minutes are kept from here on; before, the hours tell the same.
create function rollup.five_minutes_kept_from() returns timestamptz
language sql stable parallel safe
as $$ select ((analytics.clock() at time zone 'UTC')::date - 8)::timestamp at time zone 'UTC' $$;
