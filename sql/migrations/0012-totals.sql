-- What /metrics shows: counters since the store was created, and the latest value of each gauge. Prometheus takes a
-- counter that goes down for one that began anew, so these are kept beside the cells that they add up.

-- HTTP requests by the hour. Where the line does not say method, route or status, they follow from the name and the
-- error code (rollup.calls says how). A path is a pattern; with too many of them the others are '_OTHER'.
create table rollup.http_hour (
  tenant_id text collate "C" not null,
  bucket    timestamptz      not null,
  method    text collate "C" not null,
  path      text collate "C" not null,
  status    smallint         not null,
  failed    boolean          not null,
  calls     bigint           not null,
  total_us  numeric          not null,
  histogram bigint[]         not null,
  constraint one_cell_a_request primary key (tenant_id, bucket, method, path, status, failed)
) with (fillfactor = 70);

-- Calls of outside services that other calls made, by the hour.
create table rollup.provider_hour (
  tenant_id text collate "C" not null,
  bucket    timestamptz      not null,
  provider  text collate "C" not null,
  calls     bigint           not null,
  failed    bigint           not null,
  total_us  numeric          not null,
  constraint one_cell_a_provider primary key (tenant_id, bucket, provider)
) with (fillfactor = 70);

-- Sums over all time. family and labels say of what: rollup.total_cells lists them. counts has the calls of each of
-- rollup.duration_bounds(), and those longer than all of them; without durations it has one element. A correction may
-- make counts or total smaller; what is shown is never less than least_counts and least_total. total is in
-- microseconds, of a measure in the measure's own unit. The exemplar is one recent call.
create table rollup.totals (
  family            text collate "C"   not null,
  labels            text[] collate "C" not null,
  counts            bigint[]           not null,
  total             numeric            not null,
  lowest            numeric,
  least_counts      bigint[]           not null default '{}',
  least_total       numeric            not null default 0,
  exemplar_trace_id text,
  exemplar_ms       double precision,
  exemplar_at       timestamptz,
  constraint one_row_a_total primary key (family, labels)
) with (fillfactor = 50);

-- The names that have totals of their own. Names may be data, so there is a limit to them (rollup.name_limit).
create table rollup.admitted_names (
  namespace text collate "C" not null,
  name      text collate "C" not null,
  constraint a_name_is_admitted_once primary key (namespace, name)
);

-- The latest value of each gauge.
create table rollup.gauges (
  series text collate "C" primary key,
  value  double precision not null,
  set_at timestamptz      not null
) with (fillfactor = 50);

alter table rollup.progress
  -- From this hour on http_hour and provider_hour have what the lines say; before it, only what could be worked out.
  add column metadata_from timestamptz not null default '-infinity',
  -- How many values of gauges were refused, because there were too many gauges.
  add column gauges_refused bigint not null default 0;
update rollup.progress set metadata_from = date_bin('1 hour', now(), timestamptz 'epoch') + interval '1 hour'
where counted > 0;

do $$
declare
  owned text;
begin
  foreach owned in array array['http_hour', 'provider_hour'] loop
    execute format('alter table rollup.%I enable row level security, force row level security', owned);
    execute format('create policy owner_keeps on rollup.%I to toolwatch_owner using (true) with check (true)', owned);
    execute format('create policy operator_sees_all on rollup.%I for select to toolwatch_operator using (true)', owned);
    execute format(
      'create policy tenant_sees_own on rollup.%I for select to toolwatch_reader using ((select current_setting(%L, true)) in (tenant_id, %L))',
      owned, 'app.tenant_id', '*');
    execute format('grant select on rollup.%I to toolwatch_reader, toolwatch_operator', owned);
  end loop;
end
$$;
grant select on rollup.totals, rollup.admitted_names, rollup.gauges to toolwatch_operator;

-- The requests until now. Totals are worked out from the cells when the views are built.
with earlier as materialized (
  select
    tenant_id, bucket,
    coalesce(substring(name from '^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE) /'), '') as method,
    coalesce(substring(name from '^[A-Z]+ (/.*)$'), name) as path,
    case error_code
      when '' then 200 when 'INVALID_INPUT' then 400 when 'UNAUTHORIZED' then 401 when 'RATE_LIMITED' then 429
      when 'TIMEOUT' then 504 when 'UPSTREAM_ERROR' then 502 else 500
    end as status,
    error_code <> '' as failed, calls, total_us, histogram
  from (
    select tenant_id, bucket, kind, name, error_code, calls, total_us, histogram from rollup.tenant_hour
    union all
    select tenant_id, bucket, kind, name, error_code, calls, total_us, histogram from rollup.tenant_day
  ) as cells
  where kind = 'http'
),
admitted as (
  insert into rollup.admitted_names
  select 'path', path from earlier group by path order by sum(calls) desc, path limit 300
  returning name
),
requests as materialized (
  select
    tenant_id, bucket, method, case when path in (select name from admitted) then path else '_OTHER' end as path,
    status, failed, calls, total_us, histogram
  from earlier
),
figures as (
  select tenant_id, bucket, method, path, status, failed, sum(calls) as calls, sum(total_us) as total_us
  from requests
  group by 1, 2, 3, 4, 5, 6
),
histograms as (
  select tenant_id, bucket, method, path, status, failed, array_agg(element) as histogram
  from requests
  cross join lateral unnest(histogram) as element
  group by 1, 2, 3, 4, 5, 6
)
insert into rollup.http_hour
select tenant_id, bucket, method, path, status, failed, calls, total_us, histogram
from figures
join histograms using (tenant_id, bucket, method, path, status, failed);
