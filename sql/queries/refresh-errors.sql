-- How many calls of tools failed in the last 24 hours, not by the caller's fault.
select rollup.errors_24h() as errors
