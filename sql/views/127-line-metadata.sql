-- What roll-up reads out of the metadata of a call. It may be anything that was ever allowed there.

-- The HTTP status of a request whose line does not say it.
create function rollup.status_of(error_code text) returns smallint
language sql immutable parallel safe
as $$
  select case error_code
    when '' then 200
    when 'INVALID_INPUT' then 400
    when 'UNAUTHORIZED' then 401
    when 'RATE_LIMITED' then 429
    when 'TIMEOUT' then 504
    when 'UPSTREAM_ERROR' then 502
    else 500
  end::smallint
$$;

-- The method, the route and the status under http in the metadata of a request. Of what is missing there, a name such
-- as 'GET /orders' says the first two, else the method is '' and the path is the name; the error code says the status.
create function rollup.method_of(metadata jsonb, name text) returns text
language sql immutable parallel safe
as $$
  select case
    when metadata #>> '{http,method}' is null
      then coalesce(substring(name from '^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE) /'), '')
    when metadata #>> '{http,method}'
      in ('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE')
      then metadata #>> '{http,method}'
    else '_OTHER'
  end
$$;
create function rollup.path_of(metadata jsonb, name text) returns text
language sql stable parallel safe
as $$
  select rollup.key_of(coalesce(metadata #>> '{http,route}', substring(name from '^[A-Z]+ (/.*)$'), name))
$$;
create function rollup.status_of(metadata jsonb, error_code text) returns smallint
language sql immutable parallel safe
as $$
  select case
    when rollup.number_in(metadata -> 'http', 'status') between 100 and 599
      then trunc(rollup.number_in(metadata -> 'http', 'status'))::smallint
    else rollup.status_of(error_code)
  end
$$;

-- A part of what a call says of its calls of an outside service: a whole number from 0 to the limit.
create function rollup.part_of(tally jsonb, part text, factor integer, highest bigint) returns bigint
language sql immutable parallel safe
as $$
  select case when jsonb_typeof(tally -> part) = 'number'
    then least(greatest((tally -> part)::numeric * factor, 0), highest)::bigint else 0 end
$$;

-- The calls of outside services that a call made, by provider. Nearly every call of a tool has some, so this is made to
-- be fast: the keys come one by one, because jsonb_each would fill a table for each call, and `offset 0` lets nothing
-- be worked out more than once.
create function rollup.provider_calls(metadata jsonb)
returns table (provider text, calls bigint, failed bigint, total_us bigint)
language sql stable parallel safe
as $$
  select rollup.key_of(key), calls, least(failed, calls), total_us
  from (
    select
      key, rollup.part_of(tally, 'calls', 1, 1000000) as calls, rollup.part_of(tally, 'failed', 1, 1000000) as failed,
      rollup.part_of(tally, 'ms', 1000, 604800000000) as total_us
    from (
      select key, dependencies -> key as tally
      from (
        select dependencies, jsonb_object_keys(dependencies) as key
        from (
          select case when jsonb_typeof(metadata -> 'dependencies') = 'object' then metadata -> 'dependencies' end
            as dependencies
        ) as given
      ) as keys
      offset 0
    ) as tallies
    offset 0
  ) as parts
$$;

-- The gauges that a call set, as series: its own, and how many jobs wait in the queue that it took one from.
create function rollup.gauges_of(kind text, name text, metadata jsonb, measures jsonb)
returns table (series text, value double precision)
language sql stable parallel safe
as $$
  select rollup.key_of(series), value::double precision
  from (
    select key as series, rollup.number_in(metadata -> 'gauges', key) as value
    from jsonb_each(case when jsonb_typeof(metadata -> 'gauges') = 'object' then metadata -> 'gauges' end)
    union all
    select
      format('job_queue_depth{queue="%s"}',
        replace(replace(replace(left(name, 128), '\', '\\'), '"', '\"'), E'\n', '\n')),
      rollup.number_in(measures, 'queue_depth')
    where kind = 'job' and name <> '_metrics'
  ) as given
  where abs(value) <= 9007199254740991
$$;
