/** All metric names. Functions write them, alarms and dashboards read them; no other file spells them out. */

export const NAMESPACE = 'Toolwatch';

/** Metrics of every call. The only dimensions are `service` and `tool`, because each value of a dimension is billed. */
export const CALL_METRICS = {
  /** Duration of the call, in milliseconds. */
  duration: 'duration_ms',
  /**
   * 1 when the call failed, else 0: its average is the error rate that alarms evaluate. A call that failed by its
   * caller's fault has no sample, so that a caller who repeats a mistake hides no failures of others.
   */
  error: 'error',
} as const;

/**
 * Also on every line, but not metrics, which would be billed for every tool: count them in the logs or in the store.
 */
export const CALL_FLAGS = {
  /** 1 when the call failed by the caller's fault, else 0. A metric only if the settings ask for an alarm on it. */
  callerError: 'caller_error',
  /** 1 when the call took longer than its tool's p95 threshold, else 0. Alarms evaluate the duration metric instead. */
  slow: 'slow',
} as const;

export const CALL_DIMENSIONS = { service: 'service', tool: 'tool' } as const;

/**
 * What refresh evaluates of all calls under one name, with the dimensions of calls: 1 while it holds, 0 for a while when
 * it is proven to be over, and nothing otherwise.
 */
export const VERDICT_METRICS = {
  /** It fails more often than it may. */
  trickle: 'trickle',
  /** Its error budget is used up within days. */
  burningFast: 'burning_fast',
  /** Its error budget is used up too early in the month. */
  burningSlowly: 'burning_slowly',
  /** It has far fewer calls than usual. */
  callsVanished: 'calls_vanished',
  /** It fails in a way that was never seen before a deployment, or again in one that was resolved. */
  newErrors: 'new_errors',
} as const;

/**
 * What refresh found of alert rules, with the dimensions `service` and `rule`: 1 while it is so, 0 for a while when it is
 * over, and nothing otherwise.
 */
export const RULE_METRICS = {
  /** A critical rule holds. */
  critical: 'rule_critical',
  /** Another rule holds, or a critical one that is in its bake period. */
  warning: 'rule_warning',
  /** The rule could not be evaluated. */
  notEvaluated: 'rule_not_evaluated',
} as const;

export const RULE_DIMENSIONS = { service: 'service', rule: 'rule' } as const;

/** On the line of a call that depends on a provider, with their own dimensions `service` and `provider`. */
export const PROVIDER_METRICS = {
  /** 1 when the call failed by the provider's fault, else 0; no sample where it failed by its caller's. */
  failed: 'dependency_error',
} as const;

export const PROVIDER_DIMENSIONS = { service: 'service', provider: 'provider' } as const;

/** Of one channel for notices, with the dimensions `service` and `channel`; absent while it works. */
export const CHANNEL_METRICS = {
  /** 1 while no attempt can succeed until somebody changes the channel: when it is found out, and every minute. Count. */
  dead: 'channel_dead',
  /** How long notices wait that its queue does not take. Seconds. */
  unsent: 'channel_unsent_seconds',
} as const;

export const CHANNEL_DIMENSIONS = { service: 'service', channel: 'channel' } as const;

/** Of the hooks of one source, with the dimensions `service` and `source`. */
export const HOOK_METRICS = {
  /**
   * 1 for a request whose signature or signed time is wrong, -1 for one that is right: their sum says how many more were
   * refused than accepted. Count.
   */
  refusals: 'hook_refusals_net',
} as const;

export const HOOK_DIMENSIONS = { service: 'service', source: 'source' } as const;

/** What the self-check found, with the dimensions `service` and `finding`: 1 while it is so, 0 once when it is over. */
export const FINDING_METRICS = {
  /** Something of the monitoring is switched off, missing or muted. Count. */
  off: 'monitoring_off',
} as const;

export const FINDING_DIMENSIONS = { service: 'service', finding: 'finding' } as const;

/**
 * Metrics of the pipeline that alarms evaluate; their only dimension is `service`. Other figures are in its functions'
 * logs.
 */
export const PIPELINE_METRICS = {
  /**
   * Lines that could not be stored and calls that could not be counted, each retained with its reason; absent when
   * there were none. Count.
   */
  ingestRejects: 'ingest_rejects',
  /** Time between the end of a batch's last call and the batch's storage; absent under five minutes. Seconds. */
  ingestLag: 'ingest_lag_seconds',
  /** Payloads that ingest could not store and that wait to be replayed; absent when there are none. Count. */
  retainedPayloads: 'retained_payloads',
  /** How long the oldest of them has waited; absent when there are none. Days. */
  retainedPayloadAge: 'retained_payload_age_days',
  /**
   * How long the oldest stored calls have waited to be rolled up, after refresh tried to; absent under five minutes.
   * Seconds.
   */
  rollUpDelay: 'roll_up_delay_seconds',
  /**
   * 1 while there are suddenly no calls of any tool, although there were many; absent otherwise. Count.
   */
  callsStopped: 'calls_stopped',
  /** Share of the tool calls of a quarter of an hour that became a metric and a row. Percent. */
  completeness: 'completeness_pct',
  /**
   * Time until the disk is full at the last 30 days' growth; absent over 60 days and while the store does not grow.
   * Days.
   */
  diskFullIn: 'disk_full_in_days',
  /** How many days are past their retention and not dropped, because they are not archived. Count, once a day. */
  archiveOverdue: 'archive_overdue_days',
  /** 1 when a drill of the critical alarm begins; the alarm that it triggers is part of the drill. Count. */
  drillCritical: 'drill_critical',
  /** The same for the warning. Count. */
  drillWarning: 'drill_warning',
  /** On how many ways the message of a drill did not arrive; absent when it arrived everywhere. Count. */
  drillFailed: 'drill_failed',
  /** 1 for each scheduled run of the notifier that could read and write its state and has published what it had to. */
  notifierHeartbeat: 'notifier_heartbeat',
  /**
   * Incidents that people were notified of without what the store knows, because it did not answer in time; absent when
   * there were none. Count.
   */
  factsMissing: 'facts_missing',
  /** Spans that the receiver of traces refused for good; absent when there were none. Count. */
  spansRefused: 'spans_refused',
  /**
   * Hooks that could not be taken by our own fault: the queue did not take them, or a secret has no value that can be
   * used; absent when there were none. Count.
   */
  hooksFailed: 'hooks_failed',
  /** Lines and fields that the wrapper lost before they were written. Count. */
  telemetryDropped: 'telemetry_dropped',
  /** Jobs that wait and are due, or run. Written every minute, as the others of jobs. Count. */
  jobsDepth: 'jobs_depth',
  /** How long the longest due of the jobs that wait has been due. Seconds. */
  jobsOldest: 'jobs_oldest_seconds',
  /** Jobs that came to be in error in the last five minutes. Count. */
  jobsFailed: 'jobs_failed',
  /** Jobs in quarantine. Count. */
  jobsQuarantined: 'jobs_quarantined',
  /** Jobs that came to be processed in the last minute. Count. */
  jobsProcessed: 'jobs_processed',
  /** How long these took since they were received, on average; absent when there were none. Milliseconds. */
  jobsProcessingTime: 'jobs_processing_ms',
  /** Requests that the HTTP API refused because there were too many; absent when there were none. Count. */
  requestsThrottled: 'requests_throttled',
} as const;
