-- Each attempt to send one of the messages $1, which were decided on in [$2, $3], to a channel, earliest first, at most
-- 500. A channel that does not answer is tried for a day.
select
  message_id, sent.name as channel,
  to_char(sent.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as sent_at,
  sent.success,
  case when not sent.success then 'refused' when sent.metadata ->> 'level' = 'posted' then 'posted' else 'accepted' end
    as outcome,
  sent.error_message as error, sent.duration_ms
from unnest($1::uuid[]) as message_id
cross join lateral (
  select *
  from analytics.invocations
  where kind = 'webhook' and correlation_id = message_id::text
    and started_at >= $2::timestamptz - interval '1 minute' and started_at < $3::timestamptz + interval '1 day'
  limit 100
) as sent
order by sent.started_at, sent.event_id
limit 500
