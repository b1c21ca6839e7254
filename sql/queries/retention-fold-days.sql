-- Folds hourly cells older than $1 days into days. Returns how many cells it folded.
select rollup.fold_days($1) as folded
