/** This many failures in a row open the breaker. */
export const FAILURES_TO_OPEN = 5;
/** How long it stays open before it allows one trial call, in milliseconds. */
export const OPEN_MS = 10_000;

/** How long other calls wait while the trial call runs, in milliseconds. */
const TRIAL_MS = 1_000;

/** Stops calls to a provider that is down. There is one per provider and process. */
export interface Breaker {
  /**
   * Asks to call the provider. Undefined when the call may go ahead; otherwise the time before which it must not, in
   * milliseconds since 1970. A call that goes ahead must report its outcome by one of the other methods.
   */
  requestAttempt(nowMs: number): number | undefined;
  recordSuccess(): void;
  /** `retryAfterMs` is how long the provider itself asked not to be called. */
  recordFailure(nowMs: number, retryAfterMs?: number): void;
  /** For a call whose outcome says nothing about the provider. */
  recordNeither(): void;
}

/**
 * Creates a closed breaker. When its open time is over, exactly one trial call may go ahead, and its outcome decides.
 */
export function createBreaker(): Breaker {
  let failures = 0;
  let openUntilMs: number | undefined;
  let isTrialRunning = false;

  return {
    requestAttempt(nowMs) {
      if (openUntilMs === undefined) return undefined;
      if (nowMs < openUntilMs) return openUntilMs;
      if (isTrialRunning) return nowMs + TRIAL_MS;
      isTrialRunning = true;
      return undefined;
    },
    recordSuccess() {
      failures = 0;
      openUntilMs = undefined;
      isTrialRunning = false;
    },
    recordFailure(nowMs, retryAfterMs = 0) {
      failures += 1;
      if (isTrialRunning || failures >= FAILURES_TO_OPEN) openUntilMs = nowMs + Math.max(OPEN_MS, retryAfterMs);
      isTrialRunning = false;
    },
    recordNeither() {
      isTrialRunning = false;
    },
  };
}

const breakers = new Map<string, Breaker>();

/** The breaker of a provider in this process. */
export function breakerOf(provider: string): Breaker {
  const breaker = breakers.get(provider) ?? createBreaker();
  breakers.set(provider, breaker);
  return breaker;
}

/** Closes every breaker, as in a new execution environment. */
export function resetBreakers(): void {
  breakers.clear();
}
