-- What a call brings may be anything that the record's schema allows. These make it fit for a key, a number or a time.

-- A text as part of a key: itself, or its beginning and a hash when it is longer than 512 bytes. An entry of an index
-- holds 2,704 bytes, and no key has more than three such texts. Ingest allows no longer ones; earlier versions did. Not
-- immutable, because convert_to is not: a function that claims more than its body costs a call for each row.
create function rollup.key_of(given text) returns text
language sql stable parallel safe
as $$
  select case
    when octet_length(given) <= 512 then given
    -- A character has four bytes at most.
    else left(given, 120) || '~' || left(encode(sha256(convert_to(given, 'UTF8')), 'hex'), 16)
  end
$$;

-- The number under this name; NULL when there is none, or something else.
create function rollup.number_in(measures jsonb, name text) returns numeric
language sql immutable parallel safe
as $$
  select case when jsonb_typeof(measures -> name) = 'number' then (measures ->> name)::numeric end
$$;

-- The time so many seconds after 1970; NULL when that is not before 2100, as with milliseconds taken for seconds.
create function rollup.time_of(seconds numeric) returns timestamptz
language sql immutable parallel safe
as $$
  select case when seconds >= 0 and seconds < 4102444800 then to_timestamp(seconds::double precision) end
$$;

-- A number as an integer; the largest or smallest there is when it is beyond them.
create function analytics.to_integer(given double precision) returns integer
language sql immutable parallel safe
as $$
  select least(greatest(round(given), -2147483648), 2147483647)::integer
$$;

grant execute on function rollup.key_of(text), rollup.number_in(jsonb, text), rollup.time_of(numeric)
  to toolwatch_reader, toolwatch_operator;
grant execute on function analytics.to_integer(double precision) to public;
