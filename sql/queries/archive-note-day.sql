-- Notes that the day $1 is archived. False when its files do not have all its calls.
select analytics.note_archived_day($1::date) as archived
