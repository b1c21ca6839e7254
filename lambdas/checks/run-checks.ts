import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { ProbeMetadata } from '../contract/health/components.ts';
import type { DeclaredCheck } from '../contract/health/declarations.ts';
import { operationOf } from '../observe/call/operation.ts';
import type { Failure } from '../observe/failure/failure.ts';
import { emit } from '../observe/line/emit.ts';
import { createUuidV7 } from '../observe/line/uuid.ts';
import { checkCertificate } from './certificate.ts';
import { checkCredential } from './credential.ts';
import type { CheckFinding } from './finding.ts';
import { checkHttp } from './http.ts';
import { checkQueue } from './queue.ts';

export interface RunParts {
  cloudwatch: CloudWatchClient;
  /** Called with what keeps a check from telling: it writes no line then. */
  onUnknown(name: string, why: unknown): void;
}

/** The result of one check. */
export interface CheckResult extends CheckFinding {
  name: string;
}

const runCheck = async (check: DeclaredCheck, cloudwatch: CloudWatchClient, now: number): Promise<CheckFinding> => {
  switch (check.kind) {
    case 'http':
      return checkHttp(check);
    case 'certificate':
      return checkCertificate(check, now);
    case 'queue':
      return checkQueue(cloudwatch, check, now);
    case 'credential':
      return checkCredential(check, now);
  }
};

/** The outside host of a check; undefined for what is our own. */
const domainOf = (check: DeclaredCheck): string | undefined => {
  if (check.kind === 'http') return new URL(check.url).host;
  return check.kind === 'certificate' ? check.host : undefined;
};

const failureOf = (
  check: DeclaredCheck,
  { status, message, failure = 'unhealthy' }: CheckFinding,
): Failure | undefined =>
  status === 'unhealthy'
    ? {
        code: failure === 'timeout' ? 'TIMEOUT' : 'UPSTREAM_ERROR',
        fault: domainOf(check) === undefined ? 'ours' : 'dependency',
        type: failure,
        message,
        retryable: false,
      }
    : undefined;

const writeLine = (check: DeclaredCheck, finding: CheckFinding, startedAtMs: number, durationMs: number): void => {
  const { name } = check;
  const domain = domainOf(check);
  const metadata: ProbeMetadata = {
    status: finding.status,
    message: finding.message,
    ...(domain !== undefined && { domain }),
  };
  const event_id = createUuidV7(startedAtMs);
  emit(operationOf({ kind: 'probe', name, toolDimension: `probe/${name}` }), {
    call: { event_id, correlation_id: event_id },
    traceId: undefined,
    startedAtMs,
    finishedAtMs: Date.now(),
    durationMs,
    coldStart: false,
    attempts: 1,
    failure: failureOf(check, finding),
    metadata: { ...metadata },
  });
};

const runAndWrite = async (check: DeclaredCheck, { cloudwatch, onUnknown }: RunParts): Promise<CheckResult> => {
  const startedAtMs = Date.now();
  const startedAt = performance.now();
  try {
    const finding = await runCheck(check, cloudwatch, startedAtMs);
    if (finding.status === 'unknown') onUnknown(check.name, finding.message);
    else writeLine(check, finding, startedAtMs, performance.now() - startedAt);
    return { name: check.name, ...finding };
  } catch (error) {
    onUnknown(check.name, error);
    return { name: check.name, status: 'unknown', message: 'the check itself failed' };
  }
};

/**
 * Runs the checks side by side and writes a line of kind `probe` for each that can tell. One that cannot writes none:
 * /health then says `unknown` when its last result is too old, and the alarm on a probe's silence fires.
 */
export const runChecks = (checks: readonly DeclaredCheck[], parts: RunParts): Promise<CheckResult[]> =>
  Promise.all(checks.map((check) => runAndWrite(check, parts)));
