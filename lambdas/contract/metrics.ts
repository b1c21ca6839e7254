/** Every metric name there is. Functions write them, alarms and dashboards read them; none is spelled anywhere else. */

export const NAMESPACE = 'Toolwatch';

/** Metrics of every call. Dimensions: `service` and `tool`, and nothing else, because each value of a dimension is billed. */
export const CALL_METRICS = {
  /** What the call took, in milliseconds. */
  duration: 'duration_ms',
  /** 1 when the call failed and the caller is not to blame, else 0: its average is the error rate people are woken for. */
  error: 'error',
} as const;

/** On every line too. No metrics, for each would be billed for every tool: logs and the store are where they are counted. */
export const CALL_FLAGS = {
  /** 1 when the call failed by the caller's own fault, else 0. A metric where an alarm is to read it, by a setting. */
  callerError: 'caller_error',
  /** 1 when the call took longer than its tool's p95 threshold, else 0. Alarms count these in the durations themselves. */
  slow: 'slow',
} as const;

export const CALL_DIMENSIONS = { service: 'service', tool: 'tool' } as const;

/** On the line of a call that depends on an outside service, with dimensions of its own: `service` and `provider`. */
export const PROVIDER_METRICS = {
  /** 1 when the call failed and the outside service is to blame, else 0. */
  failed: 'dependency_error',
} as const;

export const PROVIDER_DIMENSIONS = { service: 'service', provider: 'provider' } as const;

/** The pipeline's own, with the single dimension `service`: what alarms read. The rest stands in its functions' logs. */
export const PIPELINE_METRICS = {
  /** Lines that could not be stored, each kept with its reason; absent when there were none. Count. */
  ingestRejects: 'ingest_rejects',
  /** How long a batch had been waiting between its last call's end and its storage; absent under five minutes. Seconds. */
  ingestLag: 'ingest_lag_seconds',
  /** The share of a quarter of an hour's calls of tools that became a metric and a row. Percent. */
  completeness: 'completeness_pct',
  /** Until the disk is full at the growth of the last 30 days; absent over sixty, or while the store does not grow. Days. */
  diskFullIn: 'disk_full_in_days',
  /** 1 when a drill of the critical alarm begins; the alarm it sets off is a drill. Count. */
  drillCritical: 'drill_critical',
  /** The same of the warning. Count. */
  drillWarning: 'drill_warning',
  /** Lines or fields lost by the wrapper before they were written. Count. */
  telemetryDropped: 'telemetry_dropped',
} as const;

/** Hours a month in which a metric of the pipeline is written, where it is not every hour: a metric is billed by the hour. */
export const HOURS_WRITTEN: Partial<Record<keyof typeof PIPELINE_METRICS, number>> = {
  // Only when something is wrong.
  ingestRejects: 0,
  ingestLag: 0,
  telemetryDropped: 0,
  diskFullIn: 0,
  // Once a week.
  drillCritical: 5,
  drillWarning: 5,
};
