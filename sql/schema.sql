-- Written by npm run migrate -- --write-schema, for reading and comparing. Nothing runs it.

table analytics.archived_days
  day date not null
  files integer not null
  rows bigint not null
  bytes bigint not null
  checksum numeric not null
  verified_at timestamp with time zone not null
  dropped_at timestamp with time zone
  held_until timestamp with time zone
  constraint archived_days_pkey PRIMARY KEY (day)
  UNIQUE INDEX archived_days_pkey USING btree (day)
  grant select to toolwatch_archive
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

table analytics.archived_parts
  day date not null
  part integer not null
  rows bigint not null
  bytes bigint not null
  sha256 text not null
  checksum numeric not null
  last_started_at timestamp with time zone not null
  last_event_id uuid not null
  constraint archived_parts_pkey PRIMARY KEY (day, part)
  UNIQUE INDEX archived_parts_pkey USING btree (day, part)
  grant select to toolwatch_archive
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

sequence analytics.batch_ids
  grant usage to toolwatch_writer

view analytics.broadcast_webhook_events
  id uuid
  source text
  status text
  received_at timestamp with time zone
  processed_at timestamp with time zone
  error_message text
  error_code text
  tenant_id text
  tool text
  attempts integer
  delivery_key text
  due_at timestamp with time zone
  reason text
  call_id uuid
  replay_of uuid
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.call_totals
  kind text
  name text
  error_code text
  fault text
  calls bigint
  seconds double precision
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table analytics.deployments
  deployment_id bigint not null
  version text not null
  environment text not null
  started_at timestamp with time zone not null default now()
  migrations text[] not null
  constraint deployments_pkey PRIMARY KEY (deployment_id)
  INDEX deployments_by_time USING btree (started_at)
  UNIQUE INDEX deployments_pkey USING btree (deployment_id)
  grant select to toolwatch_editor
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

sequence analytics.deployments_deployment_id_seq

view analytics.errors_since_deployment
  tool_name text
  version text
  deployed_at timestamp with time zone
  calls bigint
  failures bigint
  failure_rate_pct numeric
  calls_before bigint
  failures_before bigint
  failure_rate_pct_before numeric
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.freshness
  refreshed_at timestamp with time zone
  age_seconds double precision
  newest_call_at timestamp with time zone
  data_age_seconds double precision
  pending_batches bigint
  waiting_since timestamp with time zone
  waiting_seconds double precision
  put_aside bigint
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_refresher
  grant select to toolwatch_tenant_sql

table analytics.horizon
  only_row boolean not null default true
  dropped_before timestamp with time zone not null default '-infinity'::timestamp with time zone
  archives boolean not null default false
  constraint horizon_pkey PRIMARY KEY (only_row)
  constraint there_is_one_row CHECK (only_row)
  UNIQUE INDEX horizon_pkey USING btree (only_row)
  grant select to toolwatch_archive
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql
  grant select to toolwatch_writer

view analytics.integration_operations
  id uuid
  operation text
  duration_ms integer
  success boolean
  error_type text
  error_message text
  domain text
  customer_config_id uuid
  user_agent text
  created_at timestamp with time zone
  provider text
  started_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table analytics.invocations (row-level security forced)
  started_at timestamp with time zone not null
  finished_at timestamp with time zone not null
  created_at timestamp with time zone not null default now()
  batch_id bigint not null
  duration_ms double precision not null
  event_id uuid not null
  attempts integer not null
  cold_start boolean not null
  success boolean not null
  kind text not null
  name text not null
  tenant_id text not null
  service text not null
  environment text not null
  version text not null
  correlation_id text not null
  error_code text
  fault text
  error_type text
  error_message text
  error_fingerprint text
  retryable boolean
  user_id text
  session_id text
  gpt_name text
  source_gpt text
  client_name text
  client_version text
  user_agent text
  provider text
  domain text
  trace_id text
  parent_id uuid
  replay_of uuid
  request_bytes bigint
  response_bytes bigint
  cost_usd double precision
  metadata jsonb
  measures jsonb
  constraint duration_is_not_negative CHECK ((duration_ms >= (0)::double precision))
  constraint one_row_an_event PRIMARY KEY (started_at, event_id)
  constraint tenant_is_not_everybody CHECK ((tenant_id <> '*'::text))
  INDEX calls_by_arrival USING brin (created_at, name text_bloom_ops (n_distinct_per_range='500', false_positive_rate='0.01'), domain text_bloom_ops (n_distinct_per_range='500', false_positive_rate='0.01')) WITH (pages_per_range='32', autosummarize='on')
  INDEX calls_by_correlation USING brin (started_at, correlation_id text_bloom_ops (n_distinct_per_range='2000', false_positive_rate='0.01')) WITH (pages_per_range='32', autosummarize='on')
  INDEX calls_by_domain USING btree (started_at, domain) WHERE (domain IS NOT NULL)
  INDEX calls_by_person USING brin (started_at, session_id text_bloom_ops (n_distinct_per_range='500', false_positive_rate='0.01'), user_id text_bloom_ops (n_distinct_per_range='500', false_positive_rate='0.01')) WITH (pages_per_range='32', autosummarize='on')
  INDEX failed_invocations_by_time USING btree (started_at, tenant_id) WHERE (NOT success)
  INDEX invocations_by_batch USING brin (batch_id) WITH (pages_per_range='32', autosummarize='on')
  INDEX replays_by_original USING btree (replay_of) WHERE (replay_of IS NOT NULL)
  INDEX syncs_and_deliveries_by_time USING btree (kind, started_at) WHERE (kind = ANY (ARRAY['sync'::text, 'webhook'::text]))
  UNIQUE INDEX one_row_an_event USING btree (started_at, event_id)
  policy archive_reads for r to toolwatch_archive using (true) with check ()
  policy archive_restores for a to toolwatch_archive using () with check (((started_at < ( SELECT horizon.dropped_before
   FROM analytics.horizon)) AND (EXISTS ( SELECT
   FROM analytics.archived_days
  WHERE ((archived_days.day = ((invocations.started_at AT TIME ZONE 'UTC'::text))::date) AND (archived_days.held_until IS NOT NULL))))))
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_removes for d to toolwatch_owner using (true) with check ()
  policy owner_sees_all for r to toolwatch_owner using (true) with check ()
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  policy writer_adds for a to toolwatch_writer using () with check (true)
  policy writer_knows_keys for r to toolwatch_writer using (true) with check ()
  grant insert to toolwatch_writer
  grant insert, select to toolwatch_archive
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.measures_hourly
  hour timestamp with time zone
  tenant_id text
  kind text
  name text
  measure text
  times bigint
  total numeric
  average numeric
  lowest numeric
  highest numeric
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.metric_gauges
  series text
  value double precision
  set_by_call boolean
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.metric_totals
  family text
  labels text[]
  counts bigint[]
  total numeric
  falls boolean
  exemplar_trace_id text
  exemplar_ms double precision
  exemplar_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

materialized view analytics.mv_rule_performance
  tenant_id text
  rule_id text
  rule_name text
  rule_type text
  enabled boolean
  trigger_count bigint
  success_count bigint
  failure_count bigint
  success_rate_pct numeric
  avg_duration_ms double precision
  executions_24h bigint
  failures_24h bigint
  executions_7d bigint
  failures_7d bigint
  affected_contacts numeric
  segment_member_count numeric
  last_triggered_at timestamp with time zone
  UNIQUE INDEX rule_performance_by_rule USING btree (tenant_id, rule_id)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

materialized view analytics.mv_webhook_performance
  tenant_id text
  webhook_id text
  url text
  enabled boolean
  total_deliveries bigint
  successful_deliveries bigint
  failed_deliveries bigint
  success_rate_pct numeric
  avg_duration_ms double precision
  p95_duration_ms double precision
  max_duration_ms double precision
  deliveries_24h bigint
  failures_24h bigint
  deliveries_7d bigint
  failures_7d bigint
  consecutive_failures bigint
  last_success_at timestamp with time zone
  last_failure_at timestamp with time zone
  last_delivery_at timestamp with time zone
  UNIQUE INDEX webhook_performance_by_webhook USING btree (tenant_id, webhook_id)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

view analytics.pg_stat_statements
  query text
  calls bigint
  mean_exec_time double precision
  total_exec_time double precision
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

view analytics.recent_calls
  tool_name text
  calls bigint
  failures bigint
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.recent_failures
  event_id uuid
  started_at timestamp with time zone
  tool_name text
  duration_ms double precision
  error_code text
  error_type text
  error_message text
  fault text
  correlation_id text
  tenant_id text
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table analytics.refresh_log
  refresh_id bigint not null
  view_name text not null
  started_at timestamp with time zone not null
  duration_ms double precision not null
  outcome text not null
  error text
  constraint outcome_is_known CHECK ((outcome = ANY (ARRAY['refreshed'::text, 'skipped'::text, 'failed'::text])))
  constraint refresh_log_pkey PRIMARY KEY (refresh_id)
  INDEX refresh_log_by_view USING btree (view_name, started_at)
  UNIQUE INDEX refresh_log_pkey USING btree (refresh_id)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

sequence analytics.refresh_log_refresh_id_seq

table analytics.rejects (row-level security forced)
  reject_id uuid not null
  reason text not null
  line text not null
  first_seen_at timestamp with time zone not null default now()
  last_seen_at timestamp with time zone not null default now()
  deliveries integer not null default 1
  constraint rejects_pkey PRIMARY KEY (reject_id)
  INDEX rejects_by_time USING btree (last_seen_at)
  UNIQUE INDEX rejects_pkey USING btree (reject_id)
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy writer_keeps for * to toolwatch_writer using (true) with check (true)
  grant insert, select, update to toolwatch_writer
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

view analytics.rule_performance
  tenant_id text
  rule_id text
  rule_name text
  rule_type text
  enabled boolean
  trigger_count bigint
  success_count bigint
  failure_count bigint
  success_rate_pct numeric
  avg_duration_ms double precision
  executions_24h bigint
  failures_24h bigint
  executions_7d bigint
  failures_7d bigint
  affected_contacts numeric
  segment_member_count numeric
  last_triggered_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.single_calls
  event_id uuid
  started_at timestamp with time zone
  finished_at timestamp with time zone
  created_at timestamp with time zone
  kind text
  name text
  tenant_id text
  service text
  environment text
  version text
  duration_ms double precision
  cold_start boolean
  success boolean
  error_code text
  error_type text
  error_message text
  error_fingerprint text
  fault text
  retryable boolean
  attempts integer
  group_id text
  user_id text
  session_id text
  gpt_name text
  source_gpt text
  client_name text
  client_version text
  user_agent text
  provider text
  domain text
  correlation_id text
  trace_id text
  parent_id uuid
  replay_of uuid
  request_bytes bigint
  response_bytes bigint
  cost_usd double precision
  metadata jsonb
  measures jsonb
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table analytics.size_samples
  sampled_at timestamp with time zone not null
  database_bytes bigint not null
  table_bytes bigint not null
  index_bytes bigint not null
  constraint size_samples_pkey PRIMARY KEY (sampled_at)
  UNIQUE INDEX size_samples_pkey USING btree (sampled_at)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

view analytics.sync_log
  id uuid
  tenant_id text
  direction text
  entity_type text
  status text
  started_at timestamp with time zone
  finished_at timestamp with time zone
  error_message text
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.texting_webhook_events
  id uuid
  source text
  status text
  received_at timestamp with time zone
  processed_at timestamp with time zone
  error_message text
  error_code text
  tenant_id text
  tool text
  attempts integer
  delivery_key text
  due_at timestamp with time zone
  reason text
  call_id uuid
  replay_of uuid
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.tool_daily
  day timestamp with time zone
  tool_name text
  total_invocations bigint
  error_count bigint
  caller_error_count bigint
  avg_ms double precision
  max_ms double precision
  retry_count bigint
  cost_usd numeric
  last_invoked_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

materialized view analytics.tool_error_rate_24h
  tool_name text
  total_invocations bigint
  error_count bigint
  error_rate_pct numeric
  most_common_error text
  unique_error_codes bigint
  caller_error_count bigint
  timeout_count bigint
  most_common_fault text
  cold_start_count bigint
  retry_count bigint
  cost_usd numeric
  last_invoked_at timestamp with time zone
  UNIQUE INDEX tool_error_rate_24h_by_tool USING btree (tool_name)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

view analytics.tool_health_summary
  tool_name text
  verdict text
  health_reason text
  health_status text
  total_invocations bigint
  error_count bigint
  error_rate_pct numeric
  caller_error_count bigint
  timeout_count bigint
  most_common_error text
  most_common_fault text
  unique_error_codes bigint
  p50_ms double precision
  p95_ms double precision
  p99_ms double precision
  avg_ms double precision
  min_ms double precision
  max_ms double precision
  p95_all_ms double precision
  cold_start_count bigint
  retry_count bigint
  cost_usd numeric
  last_invoked_at timestamp with time zone
  failure_rate_low_pct numeric
  failure_rate_high_pct numeric
  confidence text
  error_rate_without_callers_pct numeric
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.tool_hourly
  tool_name text
  hour timestamp with time zone
  total_invocations bigint
  error_count bigint
  caller_error_count bigint
  timeout_count bigint
  cold_start_count bigint
  error_rate_pct numeric
  p50_ms double precision
  p95_ms double precision
  p99_ms double precision
  p95_all_ms double precision
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.tool_invocations
  id uuid
  tool_name text
  user_id text
  session_id text
  gpt_name text
  started_at timestamp with time zone
  finished_at timestamp with time zone
  duration_ms integer
  success boolean
  error_code text
  provider text
  source_gpt text
  metadata jsonb
  created_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

materialized view analytics.tool_latency_p50_p95_24h
  tool_name text
  p50_ms double precision
  p95_ms double precision
  avg_ms double precision
  min_ms double precision
  max_ms double precision
  p99_ms double precision
  p95_all_ms double precision
  p99_all_ms double precision
  p95_warm_ms double precision
  p95_cold_ms double precision
  UNIQUE INDEX tool_latency_24h_by_tool USING btree (tool_name)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

view analytics.tool_starts_24h
  tool_name text
  cold_start boolean
  calls bigint
  failures bigint
  p50_ms double precision
  p95_ms double precision
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table analytics.tool_thresholds
  name text not null
  p95_ms double precision not null
  error_rate double precision not null
  min_calls integer not null
  min_errors integer not null
  objective double precision
  constraint tool_thresholds_pkey PRIMARY KEY (name)
  UNIQUE INDEX tool_thresholds_pkey USING btree (name)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.tool_trend_24h
  tool_name text
  at timestamp with time zone
  minutes integer
  calls bigint
  failures bigint
  caller_errors bigint
  cold_starts bigint
  p50_ms double precision
  p95_ms double precision
  p99_ms double precision
  p95_all_ms double precision
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.v_alert_conditions
  tenant_id text
  type text
  severity text
  resource_id text
  resource_name text
  message text
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.v_api_usage_metrics
  hour timestamp with time zone
  total_requests bigint
  successful_requests bigint
  failed_requests bigint
  avg_response_time_ms double precision
  p95_response_time_ms double precision
  max_response_time_ms double precision
  requests_by_resource jsonb
  errors_by_status_code jsonb
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.v_error_groups
  kind text
  name text
  fingerprint text
  error_code text
  fault text
  error_type text
  error_message text
  calls bigint
  calls_24h bigint
  tenants integer
  first_seen_at timestamp with time zone
  last_seen_at timestamp with time zone
  last_version text
  last_event_id uuid
  group_id text
  state text
  users integer
  first_version text
  provider text
  last_correlation_id text
  last_trace_id text
  resolved_in_version text
  muted_until timestamp with time zone
  state_changed_at timestamp with time zone
  state_reason text
  state_changed_by text
  regressed_at timestamp with time zone
  regressed_version text
  reported_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.v_incidents
  incident_id text
  cause text
  state text
  severity text
  began_at timestamp with time zone
  ended_at timestamp with time zone
  duration_seconds double precision
  messages bigint
  times_reopened bigint
  last_title text
  members text[]
  calls bigint
  bad_calls bigint
  users bigint
  peak_pct double precision
  version_at_end text
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.v_index_sizes
  schema_name name
  index_name name
  bytes bigint
  scans bigint
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_retention

view analytics.v_queue_health
  tenant_id text
  queue text
  processed bigint
  failed bigint
  avg_processing_ms double precision
  processed_per_hour numeric
  queue_depth numeric
  oldest_age_seconds numeric
  last_processed_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.v_rate_limit_utilization
  tenant_id text
  key_type text
  identifier text
  request_count numeric
  limit_max numeric
  utilization_pct numeric
  status text
  seconds_until_reset integer
  seen_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.v_sessions
  tenant_id text
  session_id text
  user_id text
  started_at timestamp with time zone
  finished_at timestamp with time zone
  calls bigint
  failures bigint
  journey text[]
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.v_slow_statements
  query text
  calls bigint
  mean_exec_ms double precision
  total_exec_ms double precision
  rows_per_call double precision
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

view analytics.v_sync_health
  tenant_id text
  direction text
  entity_type text
  total_operations bigint
  failed_operations bigint
  success_rate numeric
  avg_duration_ms double precision
  last_success_at timestamp with time zone
  last_error_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.v_table_sizes
  schema_name name
  table_name name
  parts bigint
  total_bytes bigint
  table_bytes bigint
  index_bytes bigint
  live_rows bigint
  dead_rows bigint
  bloat_pct numeric
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_retention

view analytics.v_upstream_errors
  provider text
  error_code text
  error_type text
  names bigint
  first_names text[]
  groups bigint
  state text
  calls bigint
  calls_24h bigint
  first_seen_at timestamp with time zone
  last_seen_at timestamp with time zone
  last_group_id text
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.v_webhook_health
  tenant_id text
  webhook_id text
  url text
  health_status text
  consecutive_failures bigint
  days_since_last_success double precision
  failure_rate_24h_pct numeric
  last_success_at timestamp with time zone
  last_failure_at timestamp with time zone
  last_delivery_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.v_week_over_week
  tool_name text
  calls bigint
  calls_before bigint
  calls_change_pct numeric
  error_rate_pct numeric
  error_rate_pct_before numeric
  p95_ms double precision
  p95_ms_before double precision
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.waiting_calls
  first_started_at timestamp with time zone
  waiting_since timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.webhook_deliveries
  id uuid
  webhook_id text
  org_id text
  status text
  sent_at timestamp with time zone
  duration_ms integer
  error_message text
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.webhook_events
  id uuid
  source text
  status text
  received_at timestamp with time zone
  processed_at timestamp with time zone
  error_message text
  error_code text
  tenant_id text
  tool text
  attempts integer
  delivery_key text
  due_at timestamp with time zone
  reason text
  call_id uuid
  replay_of uuid
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.webhook_performance
  tenant_id text
  webhook_id text
  url text
  enabled boolean
  total_deliveries bigint
  successful_deliveries bigint
  failed_deliveries bigint
  success_rate_pct numeric
  avg_duration_ms double precision
  p95_duration_ms double precision
  max_duration_ms double precision
  deliveries_24h bigint
  failures_24h bigint
  deliveries_7d bigint
  failures_7d bigint
  consecutive_failures bigint
  last_success_at timestamp with time zone
  last_failure_at timestamp with time zone
  last_delivery_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view analytics.woocommerce_usage_metrics
  id uuid
  operation text
  duration_ms integer
  success boolean
  error_type text
  error_message text
  domain text
  customer_config_id uuid
  user_agent text
  created_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table ops.alert_rule_findings (row-level security forced)
  rule_name text not null
  tenant_id text not null
  call_name text not null
  figure double precision not null
  calls bigint
  holds_since timestamp with time zone not null
  constraint alert_rule_findings_rule_name_fkey FOREIGN KEY (rule_name) REFERENCES ops.alert_rules(name) ON DELETE CASCADE
  constraint one_row_a_finding PRIMARY KEY (rule_name, tenant_id, call_name)
  UNIQUE INDEX one_row_a_finding USING btree (rule_name, tenant_id, call_name)
  policy editor_removes for * to toolwatch_editor using (true) with check ()
  policy operator_reads_by_api for r to toolwatch_reader using ((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text)) with check ()
  policy operator_sees_all for r to toolwatch_operator, toolwatch_operator_sql using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  grant delete, select to toolwatch_editor
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table ops.alert_rule_states (row-level security forced)
  name text not null
  outcome text not null default 'no_data'::text
  evaluated_at timestamp with time zone
  error text
  holds_since timestamp with time zone
  last_held_at timestamp with time zone
  last_failed_at timestamp with time zone
  figure double precision
  calls bigint
  held_for bigint not null default 0
  quiet_since timestamp with time zone not null default now()
  baked_at timestamp with time zone
  constraint alert_rule_states_name_fkey FOREIGN KEY (name) REFERENCES ops.alert_rules(name) ON DELETE CASCADE
  constraint alert_rule_states_pkey PRIMARY KEY (name)
  constraint outcome_is_known CHECK ((outcome = ANY (ARRAY['holds'::text, 'does_not_hold'::text, 'no_data'::text, 'not_evaluated'::text])))
  UNIQUE INDEX alert_rule_states_pkey USING btree (name)
  policy editor_begins_anew for * to toolwatch_editor using (true) with check (true)
  policy operator_reads_by_api for r to toolwatch_reader using ((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text)) with check ()
  policy operator_sees_all for r to toolwatch_operator, toolwatch_operator_sql using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  grant insert, select, update to toolwatch_editor
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table ops.alert_rules (row-level security forced)
  name text not null
  rule jsonb not null
  enabled boolean not null
  condition text not null
  shipped jsonb
  changed_at timestamp with time zone not null default now()
  changed_by text not null
  constraint alert_rules_pkey PRIMARY KEY (name)
  UNIQUE INDEX alert_rules_pkey USING btree (name)
  policy editor_changes for * to toolwatch_editor using (true) with check (true)
  policy operator_reads_by_api for r to toolwatch_reader using ((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text)) with check ()
  policy operator_sees_all for r to toolwatch_operator, toolwatch_operator_sql using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  grant delete, insert, select, update to toolwatch_editor
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table ops.audit (row-level security forced)
  audit_id uuid not null
  at timestamp with time zone not null
  actor text not null
  actor_kind text not null
  action text not null
  target text not null
  reason text
  success boolean not null
  error text
  change jsonb
  stored_at timestamp with time zone not null default now()
  constraint actor_kind_is_known CHECK ((actor_kind = ANY (ARRAY['token'::text, 'iam'::text, 'stated'::text, 'service'::text])))
  constraint audit_pkey PRIMARY KEY (audit_id)
  INDEX audit_by_target USING btree (target, at)
  INDEX audit_by_time USING btree (at)
  UNIQUE INDEX audit_pkey USING btree (audit_id)
  policy editor_adds for a to toolwatch_editor using () with check (true)
  policy editor_knows_keys for r to toolwatch_editor using (true) with check ()
  policy operator_reads_by_api for r to toolwatch_reader using ((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text)) with check ()
  policy operator_sees_all for r to toolwatch_operator, toolwatch_operator_sql using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy writer_adds for a to toolwatch_writer using () with check (true)
  policy writer_knows_keys for r to toolwatch_writer using (true) with check ()
  grant insert to toolwatch_editor
  grant insert to toolwatch_writer
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table ops.error_group_states (row-level security forced)
  group_id text not null
  state text not null
  version text
  muted_until timestamp with time zone
  reason text
  changed_by text not null
  changed_at timestamp with time zone not null default now()
  constraint a_mute_ends CHECK (((state = 'muted'::text) = (muted_until IS NOT NULL)))
  constraint error_group_states_pkey PRIMARY KEY (group_id)
  constraint only_what_is_resolved_has_a_version CHECK (((state = 'resolved'::text) OR (version IS NULL)))
  constraint state_is_known CHECK ((state = ANY (ARRAY['open'::text, 'resolved'::text, 'muted'::text])))
  UNIQUE INDEX error_group_states_pkey USING btree (group_id)
  policy editor_changes for * to toolwatch_editor using (true) with check (true)
  policy operator_sees_all for r to toolwatch_operator, toolwatch_operator_sql using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  grant insert, select, update to toolwatch_editor
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

table ops.incident_messages (row-level security forced)
  message_id uuid not null
  incident_id text not null
  cause text not null
  kind text not null
  severity text not null
  alarm text not null
  members text[] not null
  began_at timestamp with time zone not null
  notified_at timestamp with time zone not null
  title text not null
  calls bigint
  bad_calls bigint
  users bigint
  peak_pct double precision
  stored_at timestamp with time zone not null default now()
  constraint incident_messages_pkey PRIMARY KEY (message_id)
  constraint kind_is_known CHECK ((kind = ANY (ARRAY['opened'::text, 'reopened'::text, 'escalated'::text, 'repeated'::text, 'over'::text, 'quiet'::text])))
  constraint severity_is_known CHECK ((severity = ANY (ARRAY['critical'::text, 'warning'::text])))
  INDEX incident_messages_by_cause USING btree (cause, notified_at)
  INDEX incident_messages_by_incident USING btree (incident_id, notified_at)
  INDEX incident_messages_by_time USING btree (notified_at)
  UNIQUE INDEX incident_messages_pkey USING btree (message_id)
  policy operator_reads_by_api for r to toolwatch_reader using ((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text)) with check ()
  policy operator_sees_all for r to toolwatch_operator, toolwatch_operator_sql using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy writer_adds for a to toolwatch_writer using () with check (true)
  policy writer_knows_keys for r to toolwatch_writer using (true) with check ()
  grant insert to toolwatch_writer
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table ops.job_batches (row-level security forced)
  batch_id uuid not null
  filter jsonb not null
  per_minute integer not null
  jobs integer not null
  status text not null default 'running'::text
  requested_by text not null
  requested_at timestamp with time zone not null default now()
  changed_at timestamp with time zone not null default now()
  constraint job_batches_pkey PRIMARY KEY (batch_id)
  constraint status_is_known CHECK ((status = ANY (ARRAY['running'::text, 'aborted'::text])))
  UNIQUE INDEX job_batches_pkey USING btree (batch_id)
  policy editor_changes for * to toolwatch_editor using (true) with check (true)
  policy jobs_reads_batches for r to toolwatch_jobs using (true) with check ()
  policy operator_reads_by_api for r to toolwatch_reader using ((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text)) with check ()
  policy operator_sees_all for r to toolwatch_operator, toolwatch_operator_sql using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy retention_forgets for * to toolwatch_retention using (true) with check (true)
  grant delete to toolwatch_retention
  grant delete, insert, select, update to toolwatch_editor
  grant select to toolwatch_jobs
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table ops.job_pauses (row-level security forced)
  scope text not null
  name text not null
  reason text not null
  paused_by text not null
  paused_at timestamp with time zone not null default now()
  constraint job_pauses_pkey PRIMARY KEY (scope, name)
  constraint scope_is_known CHECK ((scope = ANY (ARRAY['source'::text, 'tool'::text])))
  UNIQUE INDEX job_pauses_pkey USING btree (scope, name)
  policy editor_changes for * to toolwatch_editor using (true) with check (true)
  policy jobs_reads_pauses for r to toolwatch_jobs using (true) with check ()
  policy operator_reads_by_api for r to toolwatch_reader using ((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text)) with check ()
  policy operator_sees_all for r to toolwatch_operator, toolwatch_operator_sql using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  grant delete, insert, select, update to toolwatch_editor
  grant select to toolwatch_jobs
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table ops.jobs (row-level security forced)
  job_id uuid not null
  origin text not null
  source text not null
  delivery_key text
  tool text not null
  tenant_id text not null
  status text not null default 'pending'::text
  received_at timestamp with time zone not null
  due_at timestamp with time zone not null
  attempts integer not null default 0
  max_attempts integer not null
  direction text
  entity_type text
  lease_id uuid
  leased_until timestamp with time zone
  processed_at timestamp with time zone
  error_code text
  error_message text
  reason text
  percent real
  progress text
  call_id uuid
  replay_of uuid
  batch_id uuid
  content_type text
  payload bytea
  payload_bytes integer not null
  changed_at timestamp with time zone not null default now()
  constraint jobs_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES ops.job_batches(batch_id) ON DELETE SET NULL
  constraint jobs_pkey PRIMARY KEY (job_id)
  constraint jobs_replay_of_fkey FOREIGN KEY (replay_of) REFERENCES ops.jobs(job_id) ON DELETE SET NULL
  constraint leased_while_processing CHECK (((status = 'processing'::text) = (lease_id IS NOT NULL)))
  constraint leases_end CHECK (((lease_id IS NULL) = (leased_until IS NULL)))
  constraint one_job_a_delivery UNIQUE (source, delivery_key)
  constraint one_replay_of_a_job UNIQUE (replay_of)
  constraint origin_is_known CHECK ((origin = ANY (ARRAY['hook'::text, 'schedule'::text, 'person'::text])))
  constraint payload_is_bounded CHECK (((payload_bytes >= 0) AND (payload_bytes <= 524288)))
  constraint percent_is_one CHECK (((percent >= (0)::double precision) AND (percent <= (100)::double precision)))
  constraint processed_when_over CHECK (((status = ANY (ARRAY['processed'::text, 'error'::text])) = (processed_at IS NOT NULL)))
  constraint quarantined_for_a_reason CHECK (((status = 'quarantined'::text) = (reason IS NOT NULL)))
  constraint status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'processed'::text, 'error'::text, 'quarantined'::text])))
  INDEX due_jobs USING btree (due_at) WHERE (status = 'pending'::text)
  INDEX jobs_by_batch USING btree (batch_id, status) WHERE (batch_id IS NOT NULL)
  INDEX jobs_by_end USING btree (processed_at) WHERE (processed_at IS NOT NULL)
  INDEX jobs_by_sync USING btree (direction, entity_type) WHERE (direction IS NOT NULL)
  INDEX jobs_by_time USING btree (received_at, job_id)
  INDEX running_jobs USING btree (leased_until) WHERE (status = 'processing'::text)
  INDEX unprocessed_jobs USING btree (status, received_at) WHERE (status <> 'processed'::text)
  UNIQUE INDEX jobs_pkey USING btree (job_id)
  UNIQUE INDEX one_job_a_delivery USING btree (source, delivery_key)
  UNIQUE INDEX one_replay_of_a_job USING btree (replay_of)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy editor_changes for * to toolwatch_editor using (true) with check (true)
  policy jobs_works for * to toolwatch_jobs using (true) with check (true)
  policy operator_reads_by_api for r to toolwatch_reader using ((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text)) with check ()
  policy operator_sees_all for r to toolwatch_operator, toolwatch_operator_sql using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy retention_forgets for * to toolwatch_retention using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using ((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id)) with check ()
  grant delete to toolwatch_retention
  grant delete, insert, select, update to toolwatch_editor
  grant insert, select, update to toolwatch_jobs
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table rollup.admitted_names
  namespace text not null
  name text not null
  constraint a_name_is_admitted_once PRIMARY KEY (namespace, name)
  UNIQUE INDEX a_name_is_admitted_once USING btree (namespace, name)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

table rollup.bound_tenants (row-level security forced)
  transaction_id xid8 not null default pg_current_xact_id()
  tenant_id text not null
  constraint bound_tenants_pkey PRIMARY KEY (transaction_id)
  constraint is_one_tenant CHECK ((tenant_id <> ALL (ARRAY[''::text, '*'::text])))
  UNIQUE INDEX bound_tenants_pkey USING btree (transaction_id)
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_tenant_sql using ((transaction_id = pg_current_xact_id_if_assigned())) with check ()
  grant select to toolwatch_tenant_sql

view rollup.bounds_24h
  first_moment timestamp with time zone
  first_hour timestamp with time zone
  window_until timestamp with time zone

view rollup.calls
  batch_id bigint
  event_id uuid
  started_at timestamp with time zone
  tenant_id text
  kind text
  name text
  error_code text
  fault text
  cold_start boolean
  duration_ms double precision
  slot integer
  duration_us bigint
  retries integer
  request_bytes bigint
  response_bytes bigint
  cost_usd numeric
  success boolean
  fingerprint text
  error_type text
  error_message text
  version text
  metadata jsonb
  measures jsonb
  http_method text
  http_path text
  http_status smallint
  user_id text
  correlation_id text
  trace_id text
  provider text

view rollup.cells_24h
  bucket timestamp with time zone
  kind text
  name text
  error_code text
  fault text
  cold_start boolean
  calls bigint
  total_us numeric
  min_ms double precision
  max_ms double precision
  retries bigint
  request_bytes numeric
  response_bytes numeric
  cost_usd numeric
  last_started_at timestamp with time zone
  histogram bigint[]

view rollup.cells_in_scope
  bucket timestamp with time zone
  kind text
  name text
  error_code text
  fault text
  cold_start boolean
  calls bigint
  total_us numeric
  min_ms double precision
  max_ms double precision
  retries bigint
  cost_usd numeric
  last_started_at timestamp with time zone
  histogram bigint[]

table rollup.error_groups (row-level security forced)
  group_id text not null
  kind text not null
  name text not null
  fingerprint text not null
  error_code text not null
  fault text not null
  error_type text
  error_message text
  calls bigint not null
  users bit(1024) not null
  tenants integer not null
  oldest rollup.seen_call not null
  newest rollup.seen_call not null
  regressed_at timestamp with time zone
  regressed_version text
  reported_at timestamp with time zone
  over_at timestamp with time zone
  constraint error_groups_pkey PRIMARY KEY (group_id)
  constraint one_row_an_error_group UNIQUE (kind, name, fingerprint, error_code, fault)
  UNIQUE INDEX error_groups_pkey USING btree (group_id)
  UNIQUE INDEX one_row_an_error_group USING btree (kind, name, fingerprint, error_code, fault)
  policy editor_finds for r to toolwatch_editor using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator, toolwatch_operator_sql using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

table rollup.error_hour (row-level security forced)
  tenant_id text not null
  bucket timestamp with time zone not null
  kind text not null
  name text not null
  fingerprint text not null
  error_code text not null
  fault text not null
  calls bigint not null
  first_seen_at timestamp with time zone not null
  last_seen_at timestamp with time zone not null
  error_type text
  error_message text
  last_version text not null
  last_event_id uuid not null
  constraint one_cell_an_error PRIMARY KEY (tenant_id, bucket, kind, name, fingerprint, error_code, fault)
  INDEX error_hour_by_group USING btree (kind, name, fingerprint, bucket)
  UNIQUE INDEX one_cell_an_error USING btree (tenant_id, bucket, kind, name, fingerprint, error_code, fault)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table rollup.gauges
  series text not null
  value double precision not null
  set_at timestamp with time zone not null
  constraint gauges_pkey PRIMARY KEY (series)
  UNIQUE INDEX gauges_pkey USING btree (series)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

table rollup.http_hour (row-level security forced)
  tenant_id text not null
  bucket timestamp with time zone not null
  method text not null
  path text not null
  status smallint not null
  failed boolean not null
  calls bigint not null
  total_us numeric not null
  histogram bigint[] not null
  constraint one_cell_a_request PRIMARY KEY (tenant_id, bucket, method, path, status, failed)
  UNIQUE INDEX one_cell_a_request USING btree (tenant_id, bucket, method, path, status, failed)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table rollup.measure_hour (row-level security forced)
  tenant_id text not null
  bucket timestamp with time zone not null
  kind text not null
  name text not null
  measure text not null
  times bigint not null
  total numeric not null
  lowest numeric not null
  highest numeric not null
  constraint one_cell_a_measure PRIMARY KEY (tenant_id, bucket, kind, name, measure)
  UNIQUE INDEX one_cell_a_measure USING btree (tenant_id, bucket, kind, name, measure)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view rollup.operator_cells_5m
  bucket timestamp with time zone
  kind text
  name text
  error_code text
  fault text
  calls bigint
  last_started_at timestamp with time zone
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view rollup.operator_health_24h
  tool_name text
  total_invocations bigint
  error_count bigint
  error_rate_pct numeric
  caller_error_count bigint
  timeout_count bigint
  cold_start_count bigint
  retry_count bigint
  cost_usd numeric
  unique_error_codes bigint
  most_common_error text
  most_common_fault text
  last_invoked_at timestamp with time zone
  p50_ms double precision
  p95_ms double precision
  p99_ms double precision
  avg_ms double precision
  min_ms double precision
  max_ms double precision
  p95_all_ms double precision

table rollup.operator_window
  bucket timestamp with time zone not null
  kind text not null
  name text not null
  error_code text not null
  fault text not null
  cold_start boolean not null
  calls bigint not null
  total_us numeric not null
  min_ms double precision not null
  max_ms double precision not null
  retries bigint not null
  request_bytes numeric not null
  response_bytes numeric not null
  cost_usd numeric not null
  last_started_at timestamp with time zone not null
  histogram bigint[] not null
  constraint one_cell_per_operator_window PRIMARY KEY (kind, name, error_code, fault, cold_start)
  UNIQUE INDEX one_cell_per_operator_window USING btree (kind, name, error_code, fault, cold_start)

table rollup.pending_batches
  batch_id bigint not null
  calls integer not null
  first_started_at timestamp with time zone not null
  last_started_at timestamp with time zone not null
  noted_at timestamp with time zone not null default now()
  constraint pending_batches_pkey PRIMARY KEY (batch_id)
  UNIQUE INDEX pending_batches_pkey USING btree (batch_id)
  grant insert to toolwatch_writer
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

table rollup.progress
  only_row boolean not null default true
  counted bigint not null default 0
  shown bigint not null default 0
  put_aside bigint not null default 0
  reported bigint not null default 0
  metadata_from timestamp with time zone not null default '-infinity'::timestamp with time zone
  gauges_refused bigint not null default 0
  constraint progress_pkey PRIMARY KEY (only_row)
  constraint there_is_one_row CHECK (only_row)
  UNIQUE INDEX progress_pkey USING btree (only_row)

table rollup.provider_hour (row-level security forced)
  tenant_id text not null
  bucket timestamp with time zone not null
  provider text not null
  calls bigint not null
  failed bigint not null
  total_us numeric not null
  constraint one_cell_a_provider PRIMARY KEY (tenant_id, bucket, provider)
  UNIQUE INDEX one_cell_a_provider USING btree (tenant_id, bucket, provider)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table rollup.rate_limits (row-level security forced)
  tenant_id text not null
  key_type text not null
  identifier text not null
  request_count numeric not null
  limit_max numeric not null
  reset_at timestamp with time zone
  seen_at timestamp with time zone not null
  constraint one_row_a_limit PRIMARY KEY (tenant_id, key_type, identifier)
  UNIQUE INDEX one_row_a_limit USING btree (tenant_id, key_type, identifier)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table rollup.tenant_day (row-level security forced)
  tenant_id text not null
  bucket timestamp with time zone not null
  kind text not null
  name text not null
  error_code text not null
  fault text not null
  cold_start boolean not null
  calls bigint not null
  total_us numeric not null
  min_ms double precision not null
  max_ms double precision not null
  retries bigint not null
  request_bytes numeric not null
  response_bytes numeric not null
  cost_usd numeric not null
  last_started_at timestamp with time zone not null
  histogram bigint[] not null
  constraint one_cell_a_tenant_day PRIMARY KEY (tenant_id, bucket, kind, name, error_code, fault, cold_start)
  UNIQUE INDEX one_cell_a_tenant_day USING btree (tenant_id, bucket, kind, name, error_code, fault, cold_start)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table rollup.tenant_error_groups (row-level security forced)
  tenant_id text not null
  group_id text not null
  kind text not null
  name text not null
  fingerprint text not null
  error_code text not null
  fault text not null
  error_type text
  error_message text
  calls bigint not null
  users bit(1024) not null
  oldest rollup.seen_call not null
  newest rollup.seen_call not null
  constraint one_row_a_tenants_error_group PRIMARY KEY (tenant_id, group_id)
  INDEX tenant_error_groups_by_group USING btree (group_id)
  UNIQUE INDEX one_row_a_tenants_error_group USING btree (tenant_id, group_id)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_sees_all for r to toolwatch_operator, toolwatch_operator_sql using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table rollup.tenant_figures (row-level security forced)
  tenant_id text not null
  tool_name text not null
  total_invocations bigint not null
  error_count bigint not null
  error_rate_pct numeric not null
  caller_error_count bigint not null
  timeout_count bigint not null
  cold_start_count bigint not null
  retry_count bigint not null
  cost_usd numeric not null
  unique_error_codes bigint not null
  most_common_error text
  most_common_fault text
  last_invoked_at timestamp with time zone not null
  p50_ms double precision
  p95_ms double precision
  p99_ms double precision
  avg_ms double precision
  min_ms double precision
  max_ms double precision
  p95_all_ms double precision not null
  constraint one_row_a_tenants_tool PRIMARY KEY (tenant_id, tool_name)
  UNIQUE INDEX one_row_a_tenants_tool USING btree (tenant_id, tool_name)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

view rollup.tenant_health_24h
  tool_name text
  total_invocations bigint
  error_count bigint
  error_rate_pct numeric
  caller_error_count bigint
  timeout_count bigint
  cold_start_count bigint
  retry_count bigint
  cost_usd numeric
  unique_error_codes bigint
  most_common_error text
  most_common_fault text
  last_invoked_at timestamp with time zone
  p50_ms double precision
  p95_ms double precision
  p99_ms double precision
  avg_ms double precision
  min_ms double precision
  max_ms double precision
  p95_all_ms double precision

table rollup.tenant_hour (row-level security forced)
  tenant_id text not null
  bucket timestamp with time zone not null
  kind text not null
  name text not null
  error_code text not null
  fault text not null
  cold_start boolean not null
  calls bigint not null
  total_us numeric not null
  min_ms double precision not null
  max_ms double precision not null
  retries bigint not null
  request_bytes numeric not null
  response_bytes numeric not null
  cost_usd numeric not null
  last_started_at timestamp with time zone not null
  histogram bigint[] not null
  constraint one_cell_a_tenant_hour PRIMARY KEY (tenant_id, bucket, kind, name, error_code, fault, cold_start)
  INDEX tenant_hour_beside_tools USING btree (kind, bucket) WHERE (kind <> 'tool'::text)
  UNIQUE INDEX one_cell_a_tenant_hour USING btree (tenant_id, bucket, kind, name, error_code, fault, cold_start)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table rollup.tenant_window (row-level security forced)
  tenant_id text not null
  name text not null
  error_code text not null
  fault text not null
  cold_start boolean not null
  calls bigint not null
  total_us numeric not null
  min_ms double precision not null
  max_ms double precision not null
  retries bigint not null
  cost_usd numeric not null
  last_started_at timestamp with time zone not null
  histogram bigint[] not null
  constraint one_cell_a_window PRIMARY KEY (tenant_id, name, error_code, fault, cold_start)
  UNIQUE INDEX one_cell_a_window USING btree (tenant_id, name, error_code, fault, cold_start)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table rollup.tenant_window_bounds (row-level security forced)
  tenant_id text not null
  from_hour timestamp with time zone not null
  until_hour timestamp with time zone not null
  constraint tenant_window_bounds_pkey PRIMARY KEY (tenant_id)
  UNIQUE INDEX tenant_window_bounds_pkey USING btree (tenant_id)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table rollup.tenants (row-level security forced)
  tenant_id text not null
  first_called_at timestamp with time zone not null
  last_called_at timestamp with time zone not null
  figures_from_hour timestamp with time zone
  constraint tenants_pkey PRIMARY KEY (tenant_id)
  UNIQUE INDEX tenants_pkey USING btree (tenant_id)
  policy bound_tenant_sees_own for r to toolwatch_tenant_sql using ((tenant_id = ( SELECT bound.tenant_id
   FROM rollup.bound_tenants bound
  WHERE (bound.transaction_id = pg_current_xact_id_if_assigned())))) with check ()
  policy operator_reads_all for r to toolwatch_operator_sql using (true) with check ()
  policy operator_sees_all for r to toolwatch_operator using (true) with check ()
  policy owner_keeps for * to toolwatch_owner using (true) with check (true)
  policy tenant_sees_own for r to toolwatch_reader using (((( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = tenant_id) OR (( SELECT current_setting('app.tenant_id'::text, true) AS current_setting) = '*'::text))) with check ()
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql
  grant select to toolwatch_reader
  grant select to toolwatch_tenant_sql

table rollup.tool_5m
  bucket timestamp with time zone not null
  kind text not null
  name text not null
  error_code text not null
  fault text not null
  cold_start boolean not null
  calls bigint not null
  total_us numeric not null
  min_ms double precision not null
  max_ms double precision not null
  retries bigint not null
  request_bytes numeric not null
  response_bytes numeric not null
  cost_usd numeric not null
  last_started_at timestamp with time zone not null
  histogram bigint[] not null
  constraint one_cell_a_5m PRIMARY KEY (bucket, kind, name, error_code, fault, cold_start)
  UNIQUE INDEX one_cell_a_5m USING btree (bucket, kind, name, error_code, fault, cold_start)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

table rollup.tool_day
  bucket timestamp with time zone not null
  kind text not null
  name text not null
  error_code text not null
  fault text not null
  cold_start boolean not null
  calls bigint not null
  total_us numeric not null
  min_ms double precision not null
  max_ms double precision not null
  retries bigint not null
  request_bytes numeric not null
  response_bytes numeric not null
  cost_usd numeric not null
  last_started_at timestamp with time zone not null
  histogram bigint[] not null
  constraint one_cell_a_day PRIMARY KEY (bucket, kind, name, error_code, fault, cold_start)
  UNIQUE INDEX one_cell_a_day USING btree (bucket, kind, name, error_code, fault, cold_start)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

table rollup.tool_hour
  bucket timestamp with time zone not null
  kind text not null
  name text not null
  error_code text not null
  fault text not null
  cold_start boolean not null
  calls bigint not null
  total_us numeric not null
  min_ms double precision not null
  max_ms double precision not null
  retries bigint not null
  request_bytes numeric not null
  response_bytes numeric not null
  cost_usd numeric not null
  last_started_at timestamp with time zone not null
  histogram bigint[] not null
  constraint one_cell_an_hour PRIMARY KEY (bucket, kind, name, error_code, fault, cold_start)
  UNIQUE INDEX one_cell_an_hour USING btree (bucket, kind, name, error_code, fault, cold_start)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

table rollup.tool_hour_figures
  kind text not null
  name text not null
  bucket timestamp with time zone not null
  calls bigint not null
  failed bigint not null
  caller_failed bigint not null
  timed_out bigint not null
  cold bigint not null
  p50_ms double precision
  p95_ms double precision
  p99_ms double precision
  p95_all_ms double precision not null
  constraint one_row_a_tool_hour PRIMARY KEY (kind, name, bucket)
  UNIQUE INDEX one_row_a_tool_hour USING btree (kind, name, bucket)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

view rollup.total_cells
  bucket timestamp with time zone
  family text
  labels text[]
  calls bigint
  total numeric
  lowest numeric
  histogram bigint[]
  exemplar_event_id uuid
  exemplar_at timestamp with time zone

table rollup.totals
  family text not null
  labels text[] not null
  counts bigint[] not null
  total numeric not null
  lowest numeric
  least_counts bigint[] not null default '{}'::bigint[]
  least_total numeric not null default 0
  exemplar_trace_id text
  exemplar_ms double precision
  exemplar_at timestamp with time zone
  constraint one_row_a_total PRIMARY KEY (family, labels)
  UNIQUE INDEX one_row_a_total USING btree (family, labels)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

view rollup.totals_of_cells
  family text
  labels text[]
  counts bigint[]
  total numeric
  lowest numeric

table rollup.uncounted_calls
  started_at timestamp with time zone not null
  event_id uuid not null
  noted_at timestamp with time zone not null
  reason text
  constraint one_row_an_uncounted_call PRIMARY KEY (started_at, event_id)
  UNIQUE INDEX one_row_an_uncounted_call USING btree (started_at, event_id)
  grant select to toolwatch_operator
  grant select to toolwatch_operator_sql

view rollup.visibility
  shows_all_calls boolean
  shows_own_calls boolean

routine analytics.archive_anew(date) returns void, as its owner, for toolwatch_archive

routine analytics.archive_checksum(timestamp with time zone,uuid,timestamp with time zone,uuid) returns record

routine analytics.archive_text(analytics.invocations) returns text

routine analytics.begin_restore(date,integer) returns analytics.archived_days, as its owner, for toolwatch_archive

routine analytics.check_restored(date) returns void, as its owner, for toolwatch_archive

routine analytics.clock() returns timestamp with time zone, for public, toolwatch_tenant_sql, toolwatch_operator_sql

routine analytics.count_day(date) returns bigint

routine analytics.days_past(integer) returns date, as its owner

routine analytics.days_to_archive(integer) returns date, as its owner, for toolwatch_archive, toolwatch_retention

routine analytics.disk_full_at(bigint) returns timestamp with time zone, as its owner, for toolwatch_operator, toolwatch_retention, toolwatch_operator_sql

routine analytics.drop_oldest_day(integer) returns date, as its owner, for toolwatch_retention

routine analytics.format_part(numeric,numeric) returns text, for public, toolwatch_tenant_sql, toolwatch_operator_sql

routine analytics.from_micros(bigint) returns timestamp with time zone, for toolwatch_archive

routine analytics.is_archived(date) returns boolean, as its owner

routine analytics.make_days(date,date) returns integer, as its owner, for toolwatch_retention

routine analytics.next_batch_id() returns bigint, for toolwatch_writer

routine analytics.note_archived_day(date) returns boolean, as its owner, for toolwatch_archive

routine analytics.note_archived_part(date,integer,bigint,numeric,bigint,text,bigint,uuid) returns void, as its owner, for toolwatch_archive

routine analytics.note_dropped_day(date) returns void, as its owner

routine analytics.partition_of(date) returns text

routine analytics.read_as(text) returns void, for public

routine analytics.refresh_all_views() returns analytics.refresh_log, as its owner, for toolwatch_refresher, toolwatch_operator

routine analytics.refresh_monitoring_views() returns analytics.refresh_log, for toolwatch_refresher, toolwatch_operator

routine analytics.sample_sizes() returns analytics.size_samples, as its owner, for toolwatch_retention

routine analytics.scope() returns text, for public, toolwatch_tenant_sql, toolwatch_operator_sql

routine analytics.slow_statements() returns record, as its owner, for toolwatch_operator, toolwatch_retention, toolwatch_operator_sql

routine analytics.start_of(date) returns timestamp with time zone, for toolwatch_archive

routine analytics.to_integer(double precision) returns integer, for public, toolwatch_tenant_sql, toolwatch_operator_sql

routine analytics.to_micros(timestamp with time zone) returns bigint, for toolwatch_archive

routine analytics.wilson_high(bigint,bigint) returns double precision, for public, toolwatch_tenant_sql, toolwatch_operator_sql

routine analytics.wilson_low(bigint,bigint) returns double precision, for public, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.add_counts(bigint[],bigint[]) returns bigint[]

routine rollup.add_error_groups(rollup.tenant_error_groups[]) returns void

routine rollup.add_totals(rollup.total_cells[],integer) returns void

routine rollup.admit_names(text,text[]) returns void

routine rollup.alert_rule_badness(jsonb,double precision) returns double precision, for toolwatch_reader, toolwatch_tenant_sql

routine rollup.alert_rule_cells(jsonb,interval,timestamp with time zone,timestamp with time zone) returns record

routine rollup.alert_rule_figure(jsonb,bigint,bigint,bigint,numeric,bigint,double precision,numeric,bigint[]) returns double precision

routine rollup.alert_rule_figures(jsonb,timestamp with time zone) returns record

routine rollup.alert_rule_grain(jsonb) returns interval

routine rollup.alert_rule_holds(jsonb,double precision) returns boolean

routine rollup.alert_rule_reports() returns record, as its owner, for toolwatch_refresher

routine rollup.alert_rule_source(jsonb) returns text

routine rollup.alert_rule_window(jsonb) returns interval

routine rollup.alert_rules_to_evaluate() returns text, as its owner, for toolwatch_refresher

routine rollup.backtest_alert_rule(jsonb,interval,timestamp with time zone,timestamp with time zone) returns record, as its owner, for toolwatch_reader, toolwatch_tenant_sql

routine rollup.backtest_last_calls(jsonb,interval,timestamp with time zone,timestamp with time zone) returns record

routine rollup.backtest_span(jsonb,integer) returns record, as its owner, for toolwatch_reader, toolwatch_tenant_sql

routine rollup.backtest_tool(text,double precision,timestamp with time zone) returns record, as its owner, for toolwatch_reader, toolwatch_tenant_sql

routine rollup.backtest_windows(jsonb,interval,timestamp with time zone,timestamp with time zone) returns record

routine rollup.bind_tenant(text) returns void, as its owner, for toolwatch_tenant_sql

routine rollup.bound_of(integer) returns integer

routine rollup.bound_tenant() returns text, as its owner, for toolwatch_writer, toolwatch_refresher, toolwatch_reader, toolwatch_retention, toolwatch_operator, toolwatch_operator_sql, toolwatch_tenant_sql

routine rollup.bucket_of(double precision) returns integer, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.call_history() returns record, as its owner, for toolwatch_refresher

routine rollup.calls_of_rule(jsonb,timestamp with time zone,integer) returns record

routine rollup.concat_agg(bigint[]) returns bigint[], for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.count_calls(timestamp with time zone,timestamp with time zone,bigint[],bigint[],uuid[]) returns bigint

routine rollup.count_failures(timestamp with time zone,timestamp with time zone,bigint[],bigint[],uuid[]) returns void

routine rollup.count_measures(timestamp with time zone,timestamp with time zone,bigint[],bigint[],uuid[]) returns rollup.total_cells[]

routine rollup.count_provider_calls(timestamp with time zone,timestamp with time zone,bigint[],bigint[],uuid[]) returns rollup.total_cells[]

routine rollup.count_requests(timestamp with time zone,timestamp with time zone,bigint[],bigint[],uuid[]) returns rollup.total_cells[]

routine rollup.count_singly(integer) returns bigint

routine rollup.differences(timestamp with time zone,timestamp with time zone) returns record, as its owner, for toolwatch_operator, toolwatch_operator_sql

routine rollup.distinct_of(bit) returns integer, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.duration_bounds() returns double precision[], for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.error_group_calm() returns interval, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.error_group_limit(boolean) returns integer

routine rollup.evaluate_alert_rule(text) returns record, as its owner, for toolwatch_refresher

routine rollup.fingerprint_of(text,text,text,text) returns text, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.five_minutes_retained_from() returns timestamp with time zone

routine rollup.fold_days(integer) returns bigint, as its owner, for toolwatch_retention

routine rollup.forget_error_groups() returns bigint, as its owner, for toolwatch_retention

routine rollup.forget_groups(text[],text[]) returns void

routine rollup.gauge_lifetime() returns interval, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.gauges_of(text,text,jsonb,jsonb) returns record

routine rollup.group_id_of(text,text,text,text,text) returns text, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.index_new_batches(timestamp with time zone,timestamp with time zone) returns void

routine rollup.interpolate(double precision,bigint,integer,integer) returns double precision, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.is_evaluation(text,text) returns boolean, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.is_of_tenants(jsonb) returns boolean

routine rollup.is_of_worker(text,text) returns boolean, as its owner

routine rollup.is_older_version(text,text) returns boolean

routine rollup.is_summed(text) returns boolean

routine rollup.is_switched_off(text,text,text) returns boolean

routine rollup.keep_at_least(rollup.totals[]) returns void

routine rollup.key_of(text) returns text, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.labels_of_others(text,text[]) returns text[]

routine rollup.larger_counts(bigint[],bigint[]) returns bigint[], for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.last_calls(text,text,text,boolean) returns record

routine rollup.limit_statements(integer) returns void, for toolwatch_refresher

routine rollup.lock_roll_ups(interval) returns void

routine rollup.mark_of(text) returns bit

routine rollup.merge(bigint[],bigint[]) returns bigint[], for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.method_of(jsonb,text) returns text

routine rollup.name_in(text,text[]) returns text

routine rollup.name_limit(text) returns integer

routine rollup.namespace_of(text,text[]) returns text

routine rollup.note_alert_rule_error(text,text) returns void, as its owner, for toolwatch_refresher

routine rollup.note_rate_limits(timestamp with time zone,timestamp with time zone,bigint[],bigint[],uuid[]) returns void

routine rollup.number_in(jsonb,text) returns numeric, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.part_of(jsonb,text,integer,bigint) returns bigint

routine rollup.path_of(jsonb,text) returns text

routine rollup.percentile(double precision,bigint[]) returns double precision, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.provider_calls(jsonb) returns record

routine rollup.put_aside(timestamp with time zone,uuid,text) returns void

routine rollup.rebuild(timestamp with time zone,timestamp with time zone) returns bigint, as its owner, for toolwatch_operator

routine rollup.rebuild_totals() returns void, as its owner, for toolwatch_operator

routine rollup.remove_orphans() returns void

routine rollup.renew_error_groups() returns void

routine rollup.renew_hour_figures(timestamp with time zone[]) returns void

routine rollup.renew_operator_window() returns void, as its owner

routine rollup.renew_tenant_figures(integer) returns integer, as its owner, for toolwatch_refresher

routine rollup.renew_tenant_windows(text[],timestamp with time zone) returns void

routine rollup.renew_totals() returns void

routine rollup.report_missing_calls(rollup.pending_batches[]) returns void

routine rollup.report_new_errors() returns record, as its owner, for toolwatch_refresher

routine rollup.report_put_aside() returns bigint, as its owner, for toolwatch_refresher

routine rollup.roll_up(integer) returns bigint, as its owner, for toolwatch_refresher

routine rollup.roll_up_batches(integer,integer) returns bigint

routine rollup.select_calls(timestamp with time zone,timestamp with time zone,bigint[],bigint[],uuid[]) returns rollup.calls

routine rollup.set_apart(rollup.pending_batches) returns void

routine rollup.set_gauges(timestamp with time zone,timestamp with time zone,bigint[],bigint[],uuid[]) returns void

routine rollup.severity_of_rule(jsonb,timestamp with time zone) returns text, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.shorten(text) returns text, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.slots_above_bounds() returns integer[]

routine rollup.slower_pct(bigint[],double precision) returns double precision

routine rollup.spread(integer[],bigint[]) returns bigint[]

routine rollup.status_of(jsonb,text) returns smallint

routine rollup.status_of(text) returns smallint

routine rollup.subtract_failures(timestamp with time zone,timestamp with time zone) returns void

routine rollup.time_of(numeric) returns timestamp with time zone, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql

routine rollup.to_seen_call(text[]) returns rollup.seen_call

routine rollup.total_differences() returns record, as its owner, for toolwatch_operator, toolwatch_operator_sql

routine rollup.try_to_count(timestamp with time zone[],uuid[]) returns text

routine rollup.try_to_count_batches(rollup.pending_batches[]) returns boolean

routine rollup.value_of(integer) returns double precision, for toolwatch_reader, toolwatch_operator, toolwatch_tenant_sql, toolwatch_operator_sql
