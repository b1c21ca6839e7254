-- Rolls up at most $1 batches. Returns how many calls it dealt with; 0 when none waits.
select rollup.roll_up($1::integer) as calls
