import type { ProbeMetadata } from '../../contract/health/components.ts';
import { HEALTH_MESSAGE_LIMIT } from '../../contract/health/status.ts';
import { operationOf } from '../call/operation.ts';
import type { Failure } from '../failure/failure.ts';
import { emit } from '../line/emit.ts';
import { createUuidV7 } from '../line/uuid.ts';
import { toPlainText } from '../privacy/redact.ts';
import type { CheckFinding } from './finding.ts';

/** A result of a check, for its line. */
export interface ProbeResult extends Pick<ProbeMetadata, 'domain' | 'type' | 'critical'> {
  name: string;
  finding: CheckFinding;
  startedAtMs: number;
  durationMs: number;
}

/** What is unhealthy outside is the dependency's fault, and what is our own is ours. */
function failureOf({ finding, domain }: ProbeResult, message: string): Failure | undefined {
  const { status, failure = 'unhealthy' } = finding;
  if (status !== 'unhealthy') return undefined;
  return {
    code: failure === 'timeout' ? 'TIMEOUT' : 'UPSTREAM_ERROR',
    fault: domain === undefined ? 'ours' : 'dependency',
    type: failure,
    message,
    retryable: false,
  };
}

/** Writes the line of kind `probe` from which `/health` learns how something is. Never throws. */
export function writeProbe(result: ProbeResult): void {
  const { name, finding, startedAtMs, durationMs, domain, type, critical } = result;
  const message = toPlainText(finding.message, HEALTH_MESSAGE_LIMIT);
  const event_id = createUuidV7(startedAtMs);
  const metadata: ProbeMetadata = {
    status: finding.status,
    message,
    ...(domain !== undefined && { domain }),
    ...(type !== undefined && { type }),
    ...(critical !== undefined && { critical }),
  };
  emit(operationOf({ kind: 'probe', name, toolDimension: `probe/${name}` }), {
    call: { event_id, correlation_id: event_id },
    traceId: undefined,
    startedAtMs,
    finishedAtMs: Date.now(),
    durationMs,
    coldStart: false,
    attempts: 1,
    failure: failureOf(result, message),
    metadata: { ...metadata },
  });
}
