import type { Finding } from '../contract/health/components.ts';

/** What a check found; of something unhealthy also the kind of failure, for its line. */
export interface CheckFinding extends Finding {
  /** `http_503`, `timeout`, `ECONNREFUSED`: never an address or a message of somebody else. */
  failure?: string;
}

export const unhealthy = (failure: string, message: string): CheckFinding => ({
  status: 'unhealthy',
  message,
  failure,
});

/** The code of an error on the way to a host, such as `ECONNREFUSED`; its message may name hosts and users. */
export const codeOfNetworkError = (error: unknown): string => {
  const { name, code, cause } = error as { name?: unknown; code?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError' || name === 'AbortError') return 'timeout';
  const known = [cause?.code, code, name].find((value) => typeof value === 'string' && value !== '');
  return typeof known === 'string' ? known : 'unknown';
};

/** What an error on the way to a host says of that host. */
export const describeNetworkError = (error: unknown, timeoutSeconds: number): CheckFinding => {
  const code = codeOfNetworkError(error);
  return code === 'timeout'
    ? unhealthy(code, `no answer within ${timeoutSeconds} s`)
    : unhealthy(code, `cannot be reached (${code})`);
};
