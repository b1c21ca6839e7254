-- The names of the tools that are deployed.
select name from analytics.tool_thresholds order by name
