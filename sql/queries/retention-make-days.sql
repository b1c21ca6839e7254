-- Creates the missing partitions of the days around today. Returns how many it created.
select analytics.make_days(current_date - 7, current_date + 14) as made
