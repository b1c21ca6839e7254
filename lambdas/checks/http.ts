import type { HttpCheck } from '../contract/health/declarations.ts';
import { type CheckFinding, unhealthy } from '../observe/health/finding.ts';
import { describeNetworkError } from './finding.ts';

const isExpected = (status: number, expected: number | undefined): boolean =>
  expected === undefined ? status >= 200 && status <= 299 : status === expected;

const evaluateAnswer = (status: number, { status: expected, slowMs }: HttpCheck, elapsedMs: number): CheckFinding => {
  if (!isExpected(status, expected))
    return unhealthy(`http_${status}`, `answers ${status} instead of ${expected ?? '200 to 299'}`);
  const message = `answers ${status} in ${elapsedMs} ms`;
  return { status: elapsedMs > slowMs ? 'degraded' : 'ok', message };
};

/** Whether the address answers, with the expected status and in time. Reads no body and follows no redirect. */
export const checkHttp = async (check: HttpCheck): Promise<CheckFinding> => {
  const startedAt = performance.now();
  try {
    const response = await fetch(check.url, {
      redirect: 'manual',
      headers: { 'user-agent': 'toolwatch-checks' },
      signal: AbortSignal.timeout(check.timeoutSeconds * 1_000),
    });
    const elapsedMs = Math.round(performance.now() - startedAt);
    await response.body?.cancel().catch(() => {}); // the status is all that counts
    return evaluateAnswer(response.status, check, elapsedMs);
  } catch (error) {
    return describeNetworkError(error, check.timeoutSeconds);
  }
};
