/** Every metric name there is. Functions write them, alarms and dashboards read them; none is spelled anywhere else. */

export const NAMESPACE = 'Toolwatch';

/** On the line of every call. Dimensions: `service` and `tool`, and nothing else, because each value of a dimension is billed. */
export const CALL_METRICS = {
  /** What the call took, in milliseconds. */
  duration: 'duration_ms',
  /** 1 when the call failed and the caller is not to blame, else 0: its average is the error rate people are woken for. */
  error: 'error',
  /** 1 when the call failed by the caller's own fault, else 0. */
  callerError: 'caller_error',
  /** 1 when the call took longer than its tool's p95 threshold, else 0. */
  slow: 'slow',
} as const;

export const CALL_DIMENSIONS = { service: 'service', tool: 'tool' } as const;

/** The pipeline's own, with the single dimension `service`. */
export const PIPELINE_METRICS = {
  /** Rows newly stored by one ingest. Count. */
  ingestedRows: 'ingested_rows',
  /** Records that were stored already. Count. */
  ingestDuplicates: 'ingest_duplicates',
  /** Lines that could not be stored, each kept with its reason. Count. */
  ingestRejects: 'ingest_rejects',
  /** Age of the newest stored call when views were refreshed; absent while nobody calls. Seconds. */
  dataAge: 'data_age_seconds',
  /** How long the newest batch had been waiting between its calls' end and its storage. Seconds. */
  ingestLag: 'ingest_lag_seconds',
  /** How long a refresh took. Milliseconds. */
  refreshDuration: 'refresh_duration_ms',
  /** The share of a quarter of an hour's calls of tools that became a metric and a row. Percent. */
  completeness: 'completeness_pct',
  /** How large the store is. Bytes. */
  databaseBytes: 'database_bytes',
  /** Of them, indexes. Bytes. */
  indexBytes: 'index_bytes',
  /** Rows that are gone and still take room, of all rows. Percent. */
  bloat: 'bloat_pct',
  /** The slowest statement's average, where the server counts them. Milliseconds. */
  slowestStatement: 'slowest_statement_ms',
  /** Lines or fields lost by the wrapper before they were written. Count. */
  telemetryDropped: 'telemetry_dropped',
} as const;
