-- The names that fail in a new way since a deployment, or have ceased to: see rollup.report_new_errors.
select kind, name, verdict from rollup.report_new_errors()
