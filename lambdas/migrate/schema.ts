import type pg from 'pg';

/**
 * What a reviewer wants to see change: columns, constraints, indexes, policies, grants, routines. Without daily
 * partitions.
 */
const SCHEMA_LINES_SQL = `
with relations as (
  select pg_class.oid, format('%I.%I', nspname, relname) as name, relkind, relrowsecurity, relforcerowsecurity, relacl
  from pg_class
  join pg_namespace on pg_namespace.oid = relnamespace
  where nspname in ('analytics', 'rollup', 'ops') and relkind in ('r', 'p', 'v', 'm', 'S')
    and relname !~ '^invocations_(\\d{8}|default)$'
),
lines as (
  select name, 0 as part, 0 as place, format('%s %s%s', case relkind
      when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end, name,
    case when relforcerowsecurity then ' (row-level security forced)' end) as line
  from relations
  union all
  select name, 1, attnum, format('  %I %s%s%s', attname, format_type(atttypid, atttypmod),
    case when attnotnull then ' not null' end, ' default ' || pg_get_expr(adbin, adrelid))
  from relations
  join pg_attribute on attrelid = relations.oid and attnum > 0 and not attisdropped
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where relkind <> 'S'
  union all
  select name, 2, 0, format('  constraint %I %s', conname, pg_get_constraintdef(pg_constraint.oid))
  from relations
  join pg_constraint on conrelid = relations.oid
  where contype <> 'n'
  union all
  select name, 3, 0, '  ' || regexp_replace(pg_get_indexdef(indexrelid), '^CREATE (.*) ON (ONLY )?\\S+', '\\1')
  from relations
  join pg_index on indrelid = relations.oid
  union all
  select name, 4, 0, format('  policy %I for %s to %s using (%s) with check (%s)', polname, polcmd,
    (select string_agg(rolname, ', ' order by rolname) from pg_roles where pg_roles.oid = any (polroles)),
    pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
  from relations
  join pg_policy on polrelid = relations.oid
  union all
  select name, 5, 0, format('  grant %s to %s',
    string_agg(lower(privilege_type), ', ' order by privilege_type), grantee::regrole)
  from relations
  cross join lateral aclexplode(relacl)
  where grantee::regrole::text <> 'toolwatch_owner'
  group by name, grantee
  union all
  select oid::regprocedure::text, 6, 0, format('routine %s returns %s%s%s', oid::regprocedure, prorettype::regtype,
    case when prosecdef then ', as its owner' end,
    ', for ' || (select string_agg(coalesce(nullif(grantee, 0)::regrole::text, 'public'), ', ' order by 1)
      from aclexplode(proacl) where grantee::regrole::text <> 'toolwatch_owner'))
  from pg_proc
  where pronamespace in ('analytics'::regnamespace, 'rollup'::regnamespace)
)
select line from lines order by part = 6, name collate "C", part, place, line collate "C"`;

/** The schema of a migrated database as text, deterministic for the same files: the content of `sql/schema.sql`. */
export const describeSchema = async (client: pg.ClientBase): Promise<string> => {
  const { rows } = await client.query<{ line: string }>(SCHEMA_LINES_SQL);
  const head = '-- Written by npm run migrate -- --write-schema, for reading and comparing. Nothing runs it.';
  return `${[head, ...rows.map(({ line }) => line)].join('\n')}\n`.replace(
    /^(table|view|materialized view|sequence|routine)/gm,
    '\n$1',
  );
};
