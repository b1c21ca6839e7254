-- Rolls up at most $1 batches. Returns how many calls it counted.
select rollup.roll_up($1::integer) as calls
