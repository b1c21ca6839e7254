-- Folds the hours of the long past into days. Answers how many cells. $1 is how many days keep their hours.
select rollup.fold_days($1) as folded
