-- Rolls up a bounded number of batches. Answers how many calls it counted.
select rollup.roll_up($1::integer) as calls
