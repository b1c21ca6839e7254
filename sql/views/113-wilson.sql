-- The lowest and the highest true failure rate (0 to 1) that so many failures among so many calls make plausible: the
-- bounds of Wilson's 95 % score interval.
create function analytics.wilson_low(failures bigint, calls bigint) returns double precision
language sql immutable parallel safe
as $$
  select case when calls > 0 then greatest(0,
    (failures + 1.9208 - 1.96 * sqrt(failures::double precision * (calls - failures) / calls + 0.9604))
      / (calls + 3.8416))
  end
$$;

create function analytics.wilson_high(failures bigint, calls bigint) returns double precision
language sql immutable parallel safe
as $$
  select case when calls > 0 then least(1,
    (failures + 1.9208 + 1.96 * sqrt(failures::double precision * (calls - failures) / calls + 0.9604))
      / (calls + 3.8416))
  end
$$;

grant execute on function analytics.wilson_low(bigint, bigint), analytics.wilson_high(bigint, bigint) to public;
