import type { WrittenInvocation } from '../lambdas/contract/invocation.ts';
import { NO_TENANT, SCHEMA } from '../lambdas/contract/invocation.ts';
import {
  CALL_DIMENSIONS,
  CALL_FLAGS,
  CALL_METRICS,
  NAMESPACE,
  PIPELINE_METRICS,
  PROVIDER_DIMENSIONS,
  PROVIDER_METRICS,
} from '../lambdas/contract/metrics.ts';
import type { Call } from './calls.ts';

/** What the lines of a tool's calls have in common. */
export interface LineSource {
  service: string;
  /** The tool's threshold. */
  slowAboveMs: number;
  /** Are callers' faults a metric? */
  countsCallerErrors: boolean;
  /** The outside service the tool depends on. */
  provider?: string | undefined;
}

const callDirective = ({ countsCallerErrors }: LineSource) => ({
  Namespace: NAMESPACE,
  Dimensions: [[CALL_DIMENSIONS.service, CALL_DIMENSIONS.tool]],
  Metrics: [
    { Name: CALL_METRICS.duration, Unit: 'Milliseconds' },
    { Name: CALL_METRICS.error, Unit: 'Count' },
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

const recordOf = ({ tool, endedAt, ms, failure }: Call, service: string, serial: number): WrittenInvocation => {
  const finishedAt = Math.round(endedAt);
  const startedAt = Math.round(endedAt - ms);
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
          error_message: 'as the scenario has it',
          error_fingerprint: 'v1:0000000000000000',
          fault: failure.fault,
          retryable: false,
        }
      : { success: true }),
  };
};

/**
 * The line a call writes, as docs/line.md has it; nothing when it writes none. A test holds its metrics equal to those
 * of the wrapper's own line.
 */
export const scenarioLine = (call: Call, teller: LineSource, serial: number): string | undefined => {
  const { tool, endedAt, ms, failure, line } = call;
  if (line === 'unwritten') return undefined;
  const lossy = line === 'lossy';
  const text = JSON.stringify({
    _aws: {
      Timestamp: Math.round(endedAt),
      CloudWatchMetrics: [
        callDirective(teller),
        ...(teller.provider ? [PROVIDER_DIRECTIVE] : []),
        ...(lossy ? [LOSS_DIRECTIVE] : []),
      ],
    },
    level: failure && failure.fault !== 'caller' ? 'ERROR' : 'INFO',
    ...recordOf(call, teller.service, serial),
    [CALL_DIMENSIONS.tool]: tool,
    ...(teller.provider
      ? { provider: teller.provider, [PROVIDER_METRICS.failed]: failure?.fault === 'dependency' ? 1 : 0 }
      : {}),
    ...(lossy ? { [PIPELINE_METRICS.telemetryDropped]: 1 } : {}),
    // A number that came as text is the commonest way to write a line that is no metrics document.
    [CALL_METRICS.duration]: line === 'invalid' ? `${ms}` : ms,
    [CALL_METRICS.error]: failure && failure.fault !== 'caller' ? 1 : 0,
    [CALL_FLAGS.callerError]: failure?.fault === 'caller' ? 1 : 0,
    [CALL_FLAGS.slow]: ms > teller.slowAboveMs ? 1 : 0,
  });
  return line === 'cut' ? text.slice(0, -40) : text;
};
