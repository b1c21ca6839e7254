import type { Finding } from '../../contract/health/status.ts';
import { redactText } from '../privacy/redact.ts';

/** What a check found; of something unhealthy also the kind of failure, for its line. */
export interface CheckFinding extends Finding {
  /** `http_503`, `timeout`, `ECONNREFUSED`: never an address or a message of somebody else. */
  failure?: string;
}

export function unhealthy(failure: string, message: string): CheckFinding {
  return {
    status: 'unhealthy',
    message,
    failure,
  };
}

function isCode(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) && redactText(value) === value;
}

/** The code of an error, such as `ECONNREFUSED`, else its name; its message may name hosts and users. */
export function codeOfError(error: unknown): string {
  const { name, code, cause } = (error ?? {}) as { name?: unknown; code?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError' || name === 'AbortError') return 'timeout';
  return [cause?.code, code, name].find(isCode) ?? 'unknown';
}
