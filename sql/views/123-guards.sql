-- What a call brings may be anything that the record's schema allows. These make it fit for a key, a number or a time.

-- The beginning of a text of more than 512 bytes, and a hash of all of it: as lambdas/observe/line/fit-text.ts shortens
-- it, so that a call of an older line and one of a newer line have the same key.
create function rollup.shorten(given text) returns text
language plpgsql stable parallel safe set search_path = ''
as $$
declare
  printable bytea := convert_to(regexp_replace(given, '[\u0001-\u001f\u007f-\u009f]', U&'\FFFD', 'g'), 'UTF8');
  length integer := 512 - 1 - 32;
begin
  -- A byte 10xxxxxx continues a character.
  while get_byte(printable, length) & 192 = 128 loop
    length := length - 1;
  end loop;
  return convert_from(substring(printable from 1 for length), 'UTF8') || '~'
    || left(encode(sha256(convert_to(given, 'UTF8')), 'hex'), 32);
end
$$;

-- A text as part of a key: itself, or shortened when it is longer than 512 bytes. An entry of an index holds 2,704
-- bytes, and no key has more than three such texts. Ingest allows no longer ones; earlier versions did. Not immutable,
-- because shorten is not: a function that claims more than its body costs a call for each row.
create function rollup.key_of(given text) returns text
language sql stable parallel safe
as $$
  select case when octet_length(given) <= 512 then given else rollup.shorten(given) end
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

grant execute on function rollup.shorten(text), rollup.key_of(text), rollup.number_in(jsonb, text), rollup.time_of(numeric)
  to toolwatch_reader, toolwatch_operator;
grant execute on function analytics.to_integer(double precision) to public;
