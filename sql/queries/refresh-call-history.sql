-- The last two weeks of every name that is called: see rollup.call_history.
select kind, name, allowed_rate, objective, begins_at_ms, lasts_ms, calls, errors, all_calls from rollup.call_history()
