-- The upper bounds of the buckets of Prometheus, in seconds.
select rollup.duration_bounds() as bounds
