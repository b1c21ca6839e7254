-- What makes the group of failures $1.
select kind, name, fingerprint, error_code, fault
from analytics.v_error_groups
where group_id = $1
