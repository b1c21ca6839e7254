-- Forgets groups of failures that have not been seen for long. Returns how many.
select rollup.forget_error_groups() as forgotten
