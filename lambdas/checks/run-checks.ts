import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DeclaredCheck } from '../contract/health/declarations.ts';
import type { CheckFinding } from '../observe/health/finding.ts';
import { writeProbe } from '../observe/health/write-probe.ts';
import { checkCertificate } from './certificate.ts';
import { checkCredential } from './credential.ts';
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

const writeLine = (check: DeclaredCheck, finding: CheckFinding, startedAtMs: number, durationMs: number): void => {
  const domain = domainOf(check);
  writeProbe({ name: check.name, finding, ...(domain !== undefined && { domain }), startedAtMs, durationMs });
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
