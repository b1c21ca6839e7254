-- The partitions of the days around today. Answers how many were made.
select analytics.make_days(current_date - 7, current_date + 14) as made
