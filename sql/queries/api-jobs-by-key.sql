-- The jobs of these sources ($1) and keys ($2), which are lists of the same length.
select job_id, source, delivery_key
from unnest($1::text[], $2::text[]) as asked (source, delivery_key)
join ops.jobs using (source, delivery_key)
