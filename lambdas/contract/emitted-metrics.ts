import {
  CALL_DIMENSIONS,
  CALL_FLAGS,
  CALL_METRICS,
  CHANNEL_DIMENSIONS,
  CHANNEL_METRICS,
  FINDING_DIMENSIONS,
  FINDING_METRICS,
  HOOK_DIMENSIONS,
  HOOK_METRICS,
  PIPELINE_METRICS,
  PROVIDER_DIMENSIONS,
  PROVIDER_METRICS,
  RULE_DIMENSIONS,
  RULE_METRICS,
  VERDICT_METRICS,
} from './metrics.ts';

/**
 * How each of our metrics is written. Synthesis proves by it that alarms and the dashboard read what is written, and
 * the doctor that it was. No function imports this file, because every byte of it would be part of every tool.
 */

/** Who writes a metric: the wrapper around every call, the function of a stage, or a filter on the HTTP API's log. */
type MetricWriter =
  | 'wrapper'
  | 'ingest'
  | 'refresh'
  | 'retention'
  | 'payloads'
  | 'completeness'
  | 'drill'
  | 'notify'
  | 'deliver'
  | 'self-check'
  | 'spans'
  | 'worker'
  | 'hooks'
  | 'metric-filter';

/** How a metric is written: alarms and the dashboard may read it only with exactly these dimensions. */
export interface EmittedMetric {
  readonly name: string;
  readonly unit: 'Count' | 'Milliseconds' | 'Percent' | 'Seconds';
  /** The names of its dimensions. CloudWatch knows the same metric with one dimension more or less as another one. */
  readonly dimensions: readonly string[];
  readonly writtenBy: MetricWriter;
  /** Hours a month in which it is written, for it is billed by the hour. 0: only when something is wrong. */
  readonly hoursPerMonth: number;
  /** The setting with which alone it is written: one among `alarms`, or `jobs`. */
  readonly onlyWith?: 'callerFaultShift' | 'jobs';
}

const ALWAYS = 730;
const ONLY_ON_TROUBLE = 0;
/** A drill takes an hour a week, of which a month has up to five. */
const WEEKLY = 5;

const OF_CALLS = Object.values(CALL_DIMENSIONS);
const OF_PROVIDERS = Object.values(PROVIDER_DIMENSIONS);
const OF_CHANNELS = Object.values(CHANNEL_DIMENSIONS);
const OF_SERVICE = [CALL_DIMENSIONS.service];

const always = { dimensions: OF_CALLS, writtenBy: 'wrapper', hoursPerMonth: ALWAYS } as const;
const drill = { unit: 'Count', dimensions: OF_SERVICE, writtenBy: 'drill', hoursPerMonth: WEEKLY } as const;
const verdict = { unit: 'Count', dimensions: OF_CALLS, writtenBy: 'refresh', hoursPerMonth: ONLY_ON_TROUBLE } as const;
const OF_RULES = Object.values(RULE_DIMENSIONS);
const ofRule = { unit: 'Count', dimensions: OF_RULES, writtenBy: 'refresh', hoursPerMonth: ONLY_ON_TROUBLE } as const;
const ofChannel = { dimensions: OF_CHANNELS, hoursPerMonth: ONLY_ON_TROUBLE } as const;
const ofJobs = {
  unit: 'Count',
  dimensions: OF_SERVICE,
  writtenBy: 'worker',
  hoursPerMonth: ALWAYS,
  onlyWith: 'jobs',
} as const;
const onTrouble = { dimensions: OF_SERVICE, hoursPerMonth: ONLY_ON_TROUBLE } as const;

/** Every metric in the namespace: what is not here, nobody writes. */
export const EMITTED = {
  calls: {
    duration: { ...always, name: CALL_METRICS.duration, unit: 'Milliseconds' },
    error: { ...always, name: CALL_METRICS.error, unit: 'Count' },
    callerError: { ...always, name: CALL_FLAGS.callerError, unit: 'Count', onlyWith: 'callerFaultShift' },
  },
  verdicts: {
    trickle: { ...verdict, name: VERDICT_METRICS.trickle },
    burningFast: { ...verdict, name: VERDICT_METRICS.burningFast },
    burningSlowly: { ...verdict, name: VERDICT_METRICS.burningSlowly },
    callsVanished: { ...verdict, name: VERDICT_METRICS.callsVanished },
    newErrors: { ...verdict, name: VERDICT_METRICS.newErrors },
  },
  rules: {
    critical: { ...ofRule, name: RULE_METRICS.critical },
    warning: { ...ofRule, name: RULE_METRICS.warning },
    notEvaluated: { ...ofRule, name: RULE_METRICS.notEvaluated },
  },
  providers: {
    failed: { ...always, name: PROVIDER_METRICS.failed, unit: 'Count', dimensions: OF_PROVIDERS },
  },
  channels: {
    dead: { ...ofChannel, name: CHANNEL_METRICS.dead, unit: 'Count', writtenBy: 'deliver' },
    unsent: { ...ofChannel, name: CHANNEL_METRICS.unsent, unit: 'Seconds', writtenBy: 'notify' },
  },
  hooks: {
    refusals: {
      name: HOOK_METRICS.refusals,
      unit: 'Count',
      dimensions: Object.values(HOOK_DIMENSIONS),
      writtenBy: 'hooks',
      hoursPerMonth: ALWAYS,
    },
  },
  findings: {
    off: {
      name: FINDING_METRICS.off,
      unit: 'Count',
      dimensions: Object.values(FINDING_DIMENSIONS),
      writtenBy: 'self-check',
      hoursPerMonth: ONLY_ON_TROUBLE,
    },
  },
  pipeline: {
    ingestRejects: { ...onTrouble, name: PIPELINE_METRICS.ingestRejects, unit: 'Count', writtenBy: 'ingest' },
    ingestLag: { ...onTrouble, name: PIPELINE_METRICS.ingestLag, unit: 'Seconds', writtenBy: 'ingest' },
    retainedPayloads: { ...onTrouble, name: PIPELINE_METRICS.retainedPayloads, unit: 'Count', writtenBy: 'payloads' },
    retainedPayloadAge: {
      ...onTrouble,
      name: PIPELINE_METRICS.retainedPayloadAge,
      unit: 'Count',
      writtenBy: 'payloads',
    },
    rollUpDelay: { ...onTrouble, name: PIPELINE_METRICS.rollUpDelay, unit: 'Seconds', writtenBy: 'refresh' },
    callsStopped: { ...onTrouble, name: PIPELINE_METRICS.callsStopped, unit: 'Count', writtenBy: 'refresh' },
    completeness: {
      name: PIPELINE_METRICS.completeness,
      unit: 'Percent',
      dimensions: OF_SERVICE,
      writtenBy: 'completeness',
      hoursPerMonth: ALWAYS,
    },
    archiveOverdue: { ...onTrouble, name: PIPELINE_METRICS.archiveOverdue, unit: 'Count', writtenBy: 'retention' },
    diskFullIn: { ...onTrouble, name: PIPELINE_METRICS.diskFullIn, unit: 'Count', writtenBy: 'retention' },
    drillCritical: { ...drill, name: PIPELINE_METRICS.drillCritical },
    drillWarning: { ...drill, name: PIPELINE_METRICS.drillWarning },
    drillFailed: { ...onTrouble, name: PIPELINE_METRICS.drillFailed, unit: 'Count', writtenBy: 'drill' },
    notifierHeartbeat: {
      name: PIPELINE_METRICS.notifierHeartbeat,
      unit: 'Count',
      dimensions: OF_SERVICE,
      writtenBy: 'notify',
      hoursPerMonth: ALWAYS,
    },
    factsMissing: { ...onTrouble, name: PIPELINE_METRICS.factsMissing, unit: 'Count', writtenBy: 'notify' },
    spansRefused: { ...onTrouble, name: PIPELINE_METRICS.spansRefused, unit: 'Count', writtenBy: 'spans' },
    jobsDepth: { ...ofJobs, name: PIPELINE_METRICS.jobsDepth },
    jobsOldest: { ...ofJobs, name: PIPELINE_METRICS.jobsOldest, unit: 'Seconds' },
    jobsFailed: { ...ofJobs, name: PIPELINE_METRICS.jobsFailed },
    jobsQuarantined: { ...ofJobs, name: PIPELINE_METRICS.jobsQuarantined },
    jobsProcessed: { ...ofJobs, name: PIPELINE_METRICS.jobsProcessed },
    jobsProcessingTime: { ...ofJobs, name: PIPELINE_METRICS.jobsProcessingTime, unit: 'Milliseconds' },
    hooksFailed: { ...onTrouble, name: PIPELINE_METRICS.hooksFailed, unit: 'Count', writtenBy: 'hooks' },
    requestsThrottled: {
      ...onTrouble,
      name: PIPELINE_METRICS.requestsThrottled,
      unit: 'Count',
      writtenBy: 'metric-filter',
    },
    telemetryDropped: { ...onTrouble, name: PIPELINE_METRICS.telemetryDropped, unit: 'Count', writtenBy: 'wrapper' },
  },
} as const satisfies {
  calls: Record<keyof typeof CALL_METRICS | 'callerError', EmittedMetric>;
  verdicts: Record<keyof typeof VERDICT_METRICS, EmittedMetric>;
  rules: Record<keyof typeof RULE_METRICS, EmittedMetric>;
  providers: Record<keyof typeof PROVIDER_METRICS, EmittedMetric>;
  hooks: Record<keyof typeof HOOK_METRICS, EmittedMetric>;
  findings: Record<keyof typeof FINDING_METRICS, EmittedMetric>;
  channels: Record<keyof typeof CHANNEL_METRICS, EmittedMetric>;
  pipeline: Record<keyof typeof PIPELINE_METRICS, EmittedMetric>;
};

export const EMITTED_METRICS: readonly EmittedMetric[] = Object.values(EMITTED).flatMap((metrics) =>
  Object.values<EmittedMetric>(metrics),
);

/**
 * The name of a tool or probe, which becomes a dimension's value and a part of its alarms' names. CloudWatch takes no
 * others than ASCII characters in a dimension, and a slash would divide an alarm's name at the wrong place.
 */
export const METRIC_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
