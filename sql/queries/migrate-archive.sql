-- Stores whether a day is dropped only when it is archived.
update analytics.horizon set archives = $1 where archives <> $1
