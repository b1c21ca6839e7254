import { type CheckFinding, codeOfError, unhealthy } from '../observe/health/finding.ts';

/** What an error on the way to a host says of that host. */
export const describeNetworkError = (error: unknown, timeoutSeconds: number): CheckFinding => {
  const code = codeOfError(error);
  return code === 'timeout'
    ? unhealthy(code, `no answer within ${timeoutSeconds} s`)
    : unhealthy(code, `cannot be reached (${code})`);
};
