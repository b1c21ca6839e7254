/** This many failures in a row open the breaker. */
export const FAILURES_TO_OPEN = 5;
/** How long it stays open before one call may try, in milliseconds. */
export const OPEN_MS = 10_000;

/** How long the others wait while one call tries, in milliseconds. */
const TRY_MS = 1_000;

/** Keeps calls away from an outside service that is down. One per provider and process. */
export interface Breaker {
  /** Undefined when a call may go ahead; otherwise the time before which it must not, in milliseconds since 1970. */
  requestAttempt(nowMs: number): number | undefined;
  recordSuccess(): void;
  /** `retryAfterMs` is how long the service itself asked to be left alone. */
  recordFailure(nowMs: number, retryAfterMs?: number): void;
  /** The call ended without saying anything about the service. */
  recordNeither(): void;
}

/** A closed breaker. When its time of being open is over, exactly one call may try, and its outcome decides. */
export const createBreaker = (): Breaker => {
  let failures = 0;
  let openUntil: number | undefined;
  let trying = false;

  return {
    requestAttempt(nowMs) {
      if (openUntil === undefined) return undefined;
      if (nowMs < openUntil) return openUntil;
      if (trying) return nowMs + TRY_MS;
      trying = true;
      return undefined;
    },
    recordSuccess() {
      failures = 0;
      openUntil = undefined;
      trying = false;
    },
    recordFailure(nowMs, retryAfterMs = 0) {
      failures += 1;
      if (trying || failures >= FAILURES_TO_OPEN) openUntil = nowMs + Math.max(OPEN_MS, retryAfterMs);
      trying = false;
    },
    recordNeither() {
      trying = false;
    },
  };
};

const breakers = new Map<string, Breaker>();

/** The breaker of an outside service in this process. */
export const breakerOf = (provider: string): Breaker => {
  const known = breakers.get(provider) ?? createBreaker();
  breakers.set(provider, known);
  return known;
};

/** Closes every breaker, as a new environment would find them. */
export const forgetBreakers = (): void => breakers.clear();
