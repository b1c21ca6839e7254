-- The share of a tool's calls that should succeed, where it states one: refresh evaluates how fast its error budget is used.
alter table analytics.tool_thresholds add column objective double precision;
