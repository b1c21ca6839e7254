-- How failures are grouped, and how groups add up.

-- How many groups of their own a name has, and how many all names together. What is more is one group, '_OTHER', of the
-- name, or of all names. Messages may be data, so nobody knows how many there are.
create function rollup.error_group_limit(of_name boolean) returns integer
language sql immutable parallel safe
as $$ select case when of_name then 100 else 10000 end $$;

-- After so long without a call a group is resolved by itself.
create function rollup.error_group_calm() returns interval
language sql immutable parallel safe
as $$ select interval '14 days' $$;

grant execute on function rollup.error_group_calm() to toolwatch_reader, toolwatch_operator;

-- What tells a failure from others of its name, code and fault. Callers invent the names of tools that do not exist, so
-- these differ by their type.
create function rollup.fingerprint_of(kind text, name text, error_type text, error_fingerprint text) returns text
language sql stable parallel safe
as $$
  select coalesce(rollup.key_of(case when kind = 'tool' and name = '_OTHER' then error_type else error_fingerprint end), '')
$$;

grant execute on function rollup.fingerprint_of(text, text, text, text) to toolwatch_reader, toolwatch_operator;

-- The id of a group, which is the same in every deployment: 16 hexadecimal digits.
create function rollup.group_id_of(kind text, name text, fingerprint text, error_code text, fault text) returns text
language sql stable parallel safe
as $$
  select left(encode(sha256(convert_to(concat_ws(E'\n', kind, name, fingerprint, error_code, fault), 'UTF8')), 'hex'), 16)
$$;

grant execute on function rollup.group_id_of(text, text, text, text, text) to toolwatch_reader, toolwatch_operator;

-- A user as one bit of 1,024. `|` of the bits of several calls has the bits of all their users. One expression, so that
-- the planner replaces the call by it.
create function rollup.mark_of(user_id text) returns bit
language sql stable parallel safe
as $$
  select set_bit(
    repeat('0', 1024)::bit(1024),
    (get_byte(sha256(convert_to(user_id, 'UTF8')), 0) << 2) + (get_byte(sha256(convert_to(user_id, 'UTF8')), 1) & 3),
    1)
$$;

-- How many users these bits are of: linear counting (Whang, 1990). Exact for one, about 3 % off for a thousand, and at
-- most 7,098.
create function rollup.distinct_of(users bit) returns integer
language sql immutable parallel safe
as $$
  select round(-1024 * ln(greatest(1024 - bit_count(users), 1) / 1024.0))::integer
$$;

grant execute on function rollup.distinct_of(bit) to toolwatch_reader, toolwatch_operator;

-- A call as counting compares it: its time and its id, and then what is shown of it.
create function rollup.to_seen_call(seen text[]) returns rollup.seen_call
language sql stable parallel safe
as $$
  select row(seen[1]::timestamptz, seen[2]::uuid, seen[3], seen[4], seen[5], seen[6])::rollup.seen_call
$$;

-- Whether a version is older than another: it was deployed first before the other was, or the other is yet to be
-- deployed. Nothing is known of a version that was never deployed here, so it is not older.
create function rollup.is_older_version(version text, than text) returns boolean
language sql stable set search_path = ''
as $$
  select version <> than and exists (
    select from analytics.deployments where deployments.version = is_older_version.version
  ) and coalesce(
    (select min(started_at) from analytics.deployments where deployments.version = is_older_version.version)
      < (select min(started_at) from analytics.deployments where deployments.version = than),
    true)
$$;

-- Adds these figures to the groups, and makes the groups that are new. The caller must make sure that no call is added
-- twice.
create function rollup.add_error_groups(added rollup.tenant_error_groups[]) returns void
language plpgsql set search_path = '' set plan_cache_mode = force_custom_plan set jit = off
as $$
begin
  with by_tenant as (
    insert into rollup.tenant_error_groups as known
    select * from unnest(added) order by tenant_id, group_id
    on conflict (tenant_id, group_id) do update set
      calls = known.calls + excluded.calls,
      users = known.users | excluded.users,
      oldest = case
        when (excluded.oldest).started_at < (known.oldest).started_at then excluded.oldest else known.oldest
      end,
      newest = case
        when (excluded.newest).started_at > (known.newest).started_at then excluded.newest else known.newest
      end
    returning new.*, new.calls - coalesce(old.calls, 0) as new_calls, old.group_id is null as is_new_tenant
  )
  insert into rollup.error_groups as known
    (group_id, kind, name, fingerprint, error_code, fault, error_type, error_message, calls, users, tenants, oldest,
      newest)
  select
    group_id, kind, name, fingerprint, error_code, fault, min(error_type), min(error_message), sum(new_calls)::bigint,
    bit_or(users), count(*) filter (where is_new_tenant), (array_agg(oldest order by oldest))[1],
    (array_agg(newest order by newest desc))[1]
  from by_tenant
  group by group_id, kind, name, fingerprint, error_code, fault
  on conflict (group_id) do update set
    calls = known.calls + excluded.calls,
    users = known.users | excluded.users,
    tenants = known.tenants + excluded.tenants,
    oldest = case
      when (excluded.oldest).started_at < (known.oldest).started_at then excluded.oldest else known.oldest
    end,
    newest = case
      when (excluded.newest).started_at > (known.newest).started_at then excluded.newest else known.newest
    end;
end
$$;
