-- Every role finds the views and functions of analytics by their names alone, as people and other programs write them.
-- Functions are not affected: each has a search path of its own, which is empty.
do $$
declare
  role_name text;
begin
  foreach role_name in array array[
    'toolwatch_writer', 'toolwatch_refresher', 'toolwatch_reader', 'toolwatch_retention', 'toolwatch_operator'
  ] loop
    execute format('alter role %I in database %I set search_path = analytics, public', role_name, current_database());
  end loop;
end
$$;
