-- Stores lines that are not records, each with its reason; a line that comes again is counted and not stored again.
-- $1 ids, $2 reasons, $3 lines.
insert into analytics.rejects (reject_id, reason, line)
select distinct on (reject_id) reject_id, reason, line
from unnest($1::uuid[], $2::text[], $3::text[]) as given (reject_id, reason, line)
order by reject_id
on conflict (reject_id) do update set
  last_seen_at = now(),
  deliveries = rejects.deliveries + 1
