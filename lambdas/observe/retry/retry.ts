import type { Outcome } from '../call/run-call.ts';
import type { Scope } from '../call/scope.ts';
import { type Failure, failureOfOpenBreaker } from '../failure/failure.ts';
import { logQuietly } from '../log/call-logger.ts';
import { breakerOf } from './breaker.ts';
import { retryBudgetOf } from './retry-budget.ts';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/** Full jitter: a random delay below a bound that doubles each time, after the time that the provider asked for. */
function pickDelayMs(attempt: number, retryAfterSeconds = 0): number {
  return retryAfterSeconds * 1_000 + Math.random() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
}

function sleep(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}

/** A rate limit does not count: the provider is up, and other callers must still reach it. */
function isOutage({ code, fault }: Failure): boolean {
  return fault === 'dependency' && code !== 'RATE_LIMITED';
}

/** Makes one attempt, unless the provider's breaker is open, and reports its outcome to the breaker. */
async function throughBreaker<Result>(
  provider: string | undefined,
  attempt: () => Promise<Outcome<Result>>,
): Promise<Outcome<Result>> {
  if (!provider) return attempt();
  const breaker = breakerOf(provider);
  const nowMs = Date.now();
  const openUntilMs = breaker.requestAttempt(nowMs);
  if (openUntilMs !== undefined) return { failure: failureOfOpenBreaker(provider, openUntilMs, nowMs) };
  const outcome = await attempt();
  if (!outcome.failure) breaker.recordSuccess();
  else if (isOutage(outcome.failure)) {
    breaker.recordFailure(Date.now(), (outcome.failure.retryAfterSeconds ?? 0) * 1_000);
  } else breaker.recordNeither();
  return outcome;
}

/** Why a failed call is not retried. */
type StopReason = 'not_retryable' | 'attempts' | 'time' | 'budget';

function findStopReason(
  scope: Scope,
  failure: Failure,
  maxAttempts: number,
  delayMs: number,
  spend: () => boolean,
): StopReason | undefined {
  if (!failure.retryable) return 'not_retryable';
  if (scope.attempts >= maxAttempts) return 'attempts';
  if (performance.now() + delayMs >= scope.deadlineMs) return 'time';
  return spend() ? undefined : 'budget';
}

/** Logs once whether a failed attempt is retried, and why not. */
function logDecision(
  scope: Scope,
  failure: Failure,
  maxAttempts: number,
  delayMs: number,
  reason: StopReason | undefined,
): void {
  const keys = {
    attempt: scope.attempts,
    max_attempts: maxAttempts,
    error_code: failure.code,
    error_type: failure.type,
    retryable: failure.retryable,
  };
  if (reason === 'not_retryable') logQuietly(scope, 'debug', 'retry skipped', keys);
  else if (reason) logQuietly(scope, 'warn', 'gave up', { ...keys, reason });
  else logQuietly(scope, 'info', 'retrying', { ...keys, delay_ms: Math.round(delayMs) });
}

export interface RetryFacts {
  provider: string | undefined;
  /** Total attempts; 1 for work that must not be repeated. */
  maxAttempts: number;
}

/**
 * Makes attempts until one succeeds or fails permanently, or until no attempts, no time or no retry budget is left.
 * Each decision is logged once.
 */
export async function withRetries<Result>(
  scope: Scope,
  { provider, maxAttempts }: RetryFacts,
  attempt: () => Promise<Outcome<Result>>,
): Promise<Outcome<Result>> {
  const firstAttempt = throughBreaker(provider, attempt);
  if (maxAttempts <= 1) return firstAttempt;
  const budget = retryBudgetOf(provider ?? scope.operation.name);
  budget.deposit();
  let outcome = await firstAttempt;
  while (outcome.failure && !scope.hasOutcome) {
    const { failure } = outcome;
    const delayMs = pickDelayMs(scope.attempts, failure.retryAfterSeconds);
    const reason = findStopReason(scope, failure, maxAttempts, delayMs, budget.spend);
    logDecision(scope, failure, maxAttempts, delayMs, reason);
    if (reason) return outcome;
    await sleep(delayMs);
    if (scope.hasOutcome) return outcome;
    scope.attempts += 1;
    outcome = await throughBreaker(provider, attempt);
  }
  return outcome;
}
