import type { WrittenInvocation } from '../lambdas/contract/invocation.ts';
import {
  CALL_DIMENSIONS,
  CALL_FLAGS,
  CALL_METRICS,
  NAMESPACE,
  PIPELINE_METRICS,
  PROVIDER_DIMENSIONS,
  PROVIDER_METRICS,
} from '../lambdas/contract/metrics.ts';
import { NO_TENANT, SCHEMA } from '../lambdas/contract/vocabulary.ts';
import type { Call } from './calls.ts';

/** What the lines of one tool's calls have in common. */
export interface LineSource {
  service: string;
  /** The tool's p95 threshold, in milliseconds. */
  slowAboveMs: number;
  /** Whether caller errors are a metric. */
  countsCallerErrors: boolean;
  /** The provider that the tool depends on. */
  provider?: string | undefined;
  /** Whether its failures count as the provider's. */
  countsProvider: boolean;
}

const callDirective = ({ countsCallerErrors }: LineSource, isCallerError: boolean) => ({
  Namespace: NAMESPACE,
  Dimensions: [[CALL_DIMENSIONS.service, CALL_DIMENSIONS.tool]],
  Metrics: [
    { Name: CALL_METRICS.duration, Unit: 'Milliseconds' },
    ...(isCallerError ? [] : [{ Name: CALL_METRICS.error, Unit: 'Count' }]),
    ...(countsCallerErrors ? [{ Name: CALL_FLAGS.callerError, Unit: 'Count' }] : []),
  ],
});
const PROVIDER_DIRECTIVE = {
  Namespace: NAMESPACE,
  Dimensions: [[PROVIDER_DIMENSIONS.service, PROVIDER_DIMENSIONS.provider]],
  Metrics: [{ Name: PROVIDER_METRICS.failed, Unit: 'Count' }],
};
const LOSS_DIRECTIVE = {
  Namespace: NAMESPACE,
  Dimensions: [[CALL_DIMENSIONS.service]],
  Metrics: [{ Name: PIPELINE_METRICS.telemetryDropped, Unit: 'Count' }],
};

const eventId = (startedAt: number, serial: number): string => {
  const time = startedAt.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${serial.toString(16).padStart(12, '0')}`;
};

/** When a call ended, by the clock that its line was written by. */
export const writtenAt = ({ endedAt, clockAheadMs }: Pick<Call, 'endedAt' | 'clockAheadMs'>): number =>
  endedAt + clockAheadMs;

const recordOf = ({ tool, ms, failure, ...call }: Call, service: string, serial: number): WrittenInvocation => {
  const finishedAt = Math.round(writtenAt(call));
  const startedAt = Math.round(writtenAt(call) - ms);
  return {
    schema: SCHEMA,
    event_id: eventId(startedAt, serial),
    kind: 'tool',
    name: tool,
    service,
    environment: 'scenario',
    version: 'scenario',
    started_at: new Date(startedAt).toISOString(),
    finished_at: new Date(finishedAt).toISOString(),
    duration_ms: ms,
    cold_start: false,
    attempts: 1,
    tenant_id: NO_TENANT,
    correlation_id: `scenario-${serial}`,
    ...(failure
      ? {
          success: false,
          error_code: failure.code,
          error_type: 'scenario',
          error_message: 'as the scenario says',
          error_fingerprint: 'v3:0000000000000000',
          fault: failure.fault,
          retryable: false,
        }
      : { success: true }),
  };
};

/**
 * The line that a call writes, as in docs/line.md; `undefined` when it writes none. A test checks that its metrics
 * equal those of the line that the wrapper writes.
 */
export const scenarioLine = (call: Call, source: LineSource, serial: number): string | undefined => {
  const { tool, ms, failure, line } = call;
  if (line === 'unwritten') return undefined;
  const isLossy = line === 'lossy';
  const isCallerError = failure?.fault === 'caller';
  const isError = failure !== undefined && !isCallerError;
  const text = JSON.stringify({
    _aws: {
      Timestamp: Math.round(writtenAt(call)),
      CloudWatchMetrics: [
        callDirective(source, isCallerError),
        ...(source.provider && source.countsProvider && !isCallerError ? [PROVIDER_DIRECTIVE] : []),
        ...(isLossy ? [LOSS_DIRECTIVE] : []),
      ],
    },
    level: isError ? 'ERROR' : 'INFO',
    ...recordOf(call, source.service, serial),
    [CALL_DIMENSIONS.tool]: tool,
    ...(source.provider
      ? { provider: source.provider, [PROVIDER_METRICS.failed]: failure?.fault === 'dependency' ? 1 : 0 }
      : {}),
    ...(isLossy ? { [PIPELINE_METRICS.telemetryDropped]: 1 } : {}),
    // A number written as text is the most common way to write a line that is not a valid metrics document.
    [CALL_METRICS.duration]: line === 'invalid' ? `${ms}` : ms,
    [CALL_METRICS.error]: isError ? 1 : 0,
    [CALL_FLAGS.callerError]: isCallerError ? 1 : 0,
    [CALL_FLAGS.slow]: ms > source.slowAboveMs ? 1 : 0,
  });
  return line === 'cut' ? text.slice(0, -40) : text;
};
