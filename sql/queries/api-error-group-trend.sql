-- The calls of the group of kind $1, name $2, fingerprint $3, error code $4 and fault $5 in the last seven days, by the
-- hour, oldest first. Hours without calls are left out.
select to_char(bucket at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at, sum(calls)::integer as calls
from rollup.error_hour
where kind = $1::text and name = $2::text and fingerprint = $3::text and error_code = $4::text and fault = $5::text
  and bucket >= (select now() - interval '7 days')
group by bucket
order by bucket
