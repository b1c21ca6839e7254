import { logQuietly } from '../call/call-logger.ts';
import type { Outcome } from '../call/run-call.ts';
import type { Scope } from '../call/scope.ts';
import { type Failure, failureOfOpenBreaker } from '../failure/failure.ts';
import { breakerOf } from './breaker.ts';
import { retryBudgetOf } from './retry-budget.ts';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/** Full jitter: anything between nothing and twice as much as the last time; never sooner than the service asked. */
const delayMs = (attempt: number, retryAfterSeconds = 0): number =>
  retryAfterSeconds * 1_000 + Math.random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** A service that limits one caller's rate is up: its other callers must not be kept away from it. */
const saysItIsDown = ({ code, fault }: Failure): boolean => fault === 'dependency' && code !== 'RATE_LIMITED';

/** One attempt, unless the provider's breaker is open; its outcome tells the breaker. */
const guarded = async <Result>(
  provider: string | undefined,
  attempt: () => Promise<Outcome<Result>>,
): Promise<Outcome<Result>> => {
  if (!provider) return attempt();
  const breaker = breakerOf(provider);
  const now = Date.now();
  const until = breaker.requestAttempt(now);
  if (until !== undefined) return { failure: failureOfOpenBreaker(provider, until, now) };
  const outcome = await attempt();
  if (!outcome.failure) breaker.recordSuccess();
  else if (saysItIsDown(outcome.failure)) {
    breaker.recordFailure(Date.now(), (outcome.failure.retryAfterSeconds ?? 0) * 1_000);
  } else breaker.recordNeither();
  return outcome;
};

/** Why a failed call is not tried again. */
type GiveUp = 'not_retryable' | 'attempts' | 'time' | 'budget';

const whyGiveUp = (scope: Scope, failure: Failure, attempts: number, delay: number, spend: () => boolean) => {
  if (!failure.retryable) return 'not_retryable' satisfies GiveUp;
  if (scope.attempts >= attempts) return 'attempts' satisfies GiveUp;
  if (performance.now() + delay >= scope.deadlineMs) return 'time' satisfies GiveUp;
  return spend() ? undefined : ('budget' satisfies GiveUp);
};

export interface RetryFacts {
  provider?: string | undefined;
  /** Tries in all; 1 for what must not be repeated. */
  attempts: number;
}

/**
 * Tries `attempt` until it succeeds, fails for good, or trying on makes no sense: no attempts, no time, or no budget
 * left. Each retry, skip and give-up is logged once.
 */
export const withRetries = async <Result>(
  scope: Scope,
  { provider, attempts }: RetryFacts,
  attempt: () => Promise<Outcome<Result>>,
): Promise<Outcome<Result>> => {
  const first = guarded(provider, attempt);
  if (attempts <= 1) return first;
  const budget = retryBudgetOf(provider ?? scope.operation.name);
  budget.deposit();
  let outcome = await first;
  while (outcome.failure && !scope.hasOutcome) {
    const { failure } = outcome;
    const delay = delayMs(scope.attempts, failure.retryAfterSeconds);
    const reason = whyGiveUp(scope, failure, attempts, delay, budget.spend);
    const keys = {
      attempt: scope.attempts,
      max_attempts: attempts,
      error_code: failure.code,
      error_type: failure.type,
      retryable: failure.retryable,
    };
    if (reason === 'not_retryable') {
      logQuietly(scope, 'debug', 'retry skipped', keys);
      return outcome;
    }
    if (reason) {
      logQuietly(scope, 'warn', 'gave up', { ...keys, reason });
      return outcome;
    }
    logQuietly(scope, 'info', 'retrying', { ...keys, delay_ms: Math.round(delay) });
    await sleep(delay);
    if (scope.hasOutcome) return outcome;
    scope.attempts += 1;
    outcome = await guarded(provider, attempt);
  }
  return outcome;
};
