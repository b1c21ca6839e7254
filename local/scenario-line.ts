import type { WrittenInvocation } from '../lambdas/contract/invocation.ts';
import { NO_TENANT, SCHEMA } from '../lambdas/contract/invocation.ts';
import { CALL_DIMENSIONS, CALL_METRICS, NAMESPACE, PIPELINE_METRICS } from '../lambdas/contract/metrics.ts';
import type { Call } from './scenario-calls.ts';

/** What the lines of a tool's calls have in common. */
export interface Teller {
  service: string;
  /** The tool's threshold. */
  slowAboveMs: number;
}

const CALL_DIRECTIVE = {
  Namespace: NAMESPACE,
  Dimensions: [[CALL_DIMENSIONS.service, CALL_DIMENSIONS.tool]],
  Metrics: [
    { Name: CALL_METRICS.duration, Unit: 'Milliseconds' },
    { Name: CALL_METRICS.error, Unit: 'Count' },
    { Name: CALL_METRICS.callerError, Unit: 'Count' },
    { Name: CALL_METRICS.slow, Unit: 'Count' },
  ],
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
export const scenarioLine = (call: Call, { service, slowAboveMs }: Teller, serial: number): string | undefined => {
  const { tool, endedAt, ms, failure, line } = call;
  if (line === 'unwritten') return undefined;
  const lossy = line === 'lossy';
  const text = JSON.stringify({
    _aws: {
      Timestamp: Math.round(endedAt),
      CloudWatchMetrics: lossy ? [CALL_DIRECTIVE, LOSS_DIRECTIVE] : [CALL_DIRECTIVE],
    },
    level: failure && failure.fault !== 'caller' ? 'ERROR' : 'INFO',
    ...recordOf(call, service, serial),
    [CALL_DIMENSIONS.tool]: tool,
    ...(lossy ? { [PIPELINE_METRICS.telemetryDropped]: 1 } : {}),
    // A number that came as text is the commonest way to write a line that is no metrics document.
    [CALL_METRICS.duration]: line === 'invalid' ? `${ms}` : ms,
    [CALL_METRICS.error]: failure && failure.fault !== 'caller' ? 1 : 0,
    [CALL_METRICS.callerError]: failure?.fault === 'caller' ? 1 : 0,
    [CALL_METRICS.slow]: ms > slowAboveMs ? 1 : 0,
  });
  return line === 'cut' ? text.slice(0, -40) : text;
};
