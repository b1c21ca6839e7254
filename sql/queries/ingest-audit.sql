-- Stores what people changed by hand, each attempt once however often its line comes. $1 is the lines as a JSON array.
insert into ops.audit (audit_id, at, actor, actor_kind, action, target, reason, success, error, change)
select audit_id, at, actor, actor_kind, action, target, reason, success, error, change
from jsonb_to_recordset($1::jsonb) as line (
  audit_id uuid, at timestamptz, actor text, actor_kind text, action text, target text, reason text, success boolean,
  error text, change jsonb
)
on conflict do nothing
