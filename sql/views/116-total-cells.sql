-- True for a measure of which sums over all time mean something: not for one that says how much of something there is.
create function rollup.is_summed(measure text) returns boolean
language sql immutable parallel safe
as $$
  select measure not in (
    'rate_limit_count', 'rate_limit_max', 'rate_limit_reset_at', 'queue_depth', 'oldest_age_seconds',
    'segment_member_count')
$$;

-- What the totals add up, cell by cell. By family, labels are: of calls [kind, name, error code, fault]; of http
-- [method, path, status, failed]; of provider [provider, success or error], with all time beside the successes; of
-- series [the measure's name, which may be a series with labels]. The exemplar is one of the calls; only roll-up knows
-- one.
create view rollup.total_cells as
select
  bucket, 'calls' as family, array[kind, name, error_code, fault] as labels, calls, total_us as total,
  null::numeric as lowest, histogram, null::uuid as exemplar_event_id, null::timestamptz as exemplar_at
from rollup.tool_hour
union all
select bucket, 'calls', array[kind, name, error_code, fault], calls, total_us, null, histogram, null, null
from rollup.tool_day
union all
select bucket, 'http', array[method, path, status::text, failed::text], calls, total_us, null, histogram, null, null
from rollup.http_hour
union all
select
  bucket, 'provider', array[provider, outcome], case outcome when 'error' then failed else calls - failed end,
  case outcome when 'error' then 0 else total_us end, null, null, null, null
from rollup.provider_hour
cross join (values ('success'), ('error')) as outcomes (outcome)
union all
select bucket, 'series', array[measure], times, total, lowest, null, null, null
from rollup.measure_hour
where rollup.is_summed(measure);

-- The list that bounds the name among these labels, and that name; NULL when it is bounded already.
create function rollup.namespace_of(family text, labels text[]) returns text
language sql immutable parallel safe
as $$ select case family when 'calls' then 'calls/' || labels[1] when 'http' then null else family end $$;
create function rollup.name_in(family text, labels text[]) returns text
language sql immutable parallel safe
as $$ select case family when 'calls' then labels[2] else labels[1] end $$;

-- The labels of what is counted with others, because it has no total of its own.
create function rollup.labels_of_others(family text, labels text[]) returns text[]
language sql immutable parallel safe
as $$
  select case family
    when 'calls' then array[labels[1], '_OTHER', labels[3], labels[4]]
    when 'provider' then array['_OTHER', labels[2]]
    else array['_OTHER']
  end
$$;

-- How many names of a list have totals of their own. An answer of the api has at most 6 MB.
create function rollup.name_limit(namespace text) returns integer
language sql immutable parallel safe
as $$
  select case
    when namespace = 'calls/tool' then 1000
    when namespace = 'series' then 2000
    when namespace = 'path' then 300
    else 200
  end
$$;

-- Admits the names that are new, the first of them first, while there is room. A name that was admitted stays.
create function rollup.admit_names(of_namespace text, names text[]) returns void
language sql set search_path = ''
as $$
  insert into rollup.admitted_names (namespace, name)
  select of_namespace, name
  from (
    select name, min(place) as place
    from unnest(names) with ordinality as given (name, place)
    where not exists (
      select from rollup.admitted_names where namespace = of_namespace and admitted_names.name = given.name
    )
    group by name
  ) as new_names
  order by place
  limit greatest(0,
    rollup.name_limit(of_namespace) - (select count(*) from rollup.admitted_names where namespace = of_namespace))
$$;

-- The totals as they follow from the cells.
create view rollup.totals_of_cells as
with cells as (
  select
    family,
    case
      when rollup.namespace_of(family, labels) is null or admitted_names.name is not null then labels
      else rollup.labels_of_others(family, labels)
    end as labels,
    calls, total, lowest, histogram
  from rollup.total_cells
  left join rollup.admitted_names
    on namespace = rollup.namespace_of(family, labels) and admitted_names.name = rollup.name_in(family, labels)
),
slots as (
  select family, labels, rollup.bound_of((element >> 32)::integer) as bound, sum(element & 4294967295)::bigint as times
  from cells
  cross join lateral unnest(histogram) as element
  group by 1, 2, 3
)
select
  family, labels,
  coalesce(
    rollup.spread(array_agg(bound) filter (where bound is not null), array_agg(times) filter (where bound is not null)),
    array[sum(calls)::bigint]) as counts,
  sum(total) as total, min(lowest) as lowest
from (
  select family, labels, calls, total, lowest, null as bound, null as times
  from cells
  union all
  select family, labels, null, null, null, bound, times
  from slots
) as parts
group by family, labels;
