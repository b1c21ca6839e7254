-- A part of a whole in percent, for a sentence. What is not nothing never reads as 0, what is not all never as 100.
create function analytics.format_part(part numeric, whole numeric) returns text
language sql immutable parallel safe
as $$
  select case
    when part > 0 and round(100 * part / whole, 1) = 0 then '<0.1'
    when part < whole and round(100 * part / whole, 1) = 100 then '>99.9'
    else round(100 * part / whole, 1)::text
  end
$$;

grant execute on function analytics.format_part(numeric, numeric) to public;
