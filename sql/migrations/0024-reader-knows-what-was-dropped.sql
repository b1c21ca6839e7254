-- Answers that count calls say since when there are any.
grant select on analytics.horizon to toolwatch_reader;
