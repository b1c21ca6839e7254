import { DAY_MS, SECOND_MS } from '../../contract/durations.ts';
import type { RateLimitKeyType } from '../../contract/known-metadata.ts';
import { isMeasure } from '../../contract/limits.ts';

/** How much of a limit is used. */
export interface RateLimit {
  /** Whose limit it is: the id of a key and never the key itself, an organisation, an address. */
  key: string;
  keyType: RateLimitKeyType;
  /** How many requests of the current window were made. */
  count: number;
  /** How many requests a window may have. */
  max: number;
  /** When the window ends, in seconds since 1970. */
  resetAt?: number | undefined;
}

/** A limit as the line states it, by the names of its measures; undefined when its figures are none. */
export function measuresOfRateLimit({ count, max, resetAt }: RateLimit): Record<string, number> | undefined {
  if (!isMeasure(count) || !isMeasure(max) || count < 0 || max <= 0) return undefined;
  if (resetAt !== undefined && !(isMeasure(resetAt) && resetAt > 0)) return undefined;
  return {
    rate_limit_count: count,
    rate_limit_max: max,
    ...(resetAt !== undefined && { rate_limit_reset_at: resetAt }),
  };
}

/** The quota that a provider states in an answer. */
export type Quota = Pick<RateLimit, 'count' | 'max' | 'resetAt'>;

type Headers = { get(name: string): string | null };

/** A whole number at the beginning of a header, which may go on with a policy: `100, 100;w=60`. */
function readCount(text: string | null | undefined): number | undefined {
  const digits = /^\s*"?(\d{1,15})(?:\.\d+)?"?\s*(?:[,;]|$)/.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function readFirst(headers: Headers, names: readonly string[]): string | undefined {
  return names.map((name) => headers.get(name)).find((value) => value !== null) ?? undefined;
}

/** Above this a number of seconds or milliseconds is a time since 1970, and below it a length of time. */
const MIN_EPOCH_SECONDS = 1e9;
const MIN_EPOCH_MS = 1e12;
/** No provider counts over a longer time. */
const MAX_WINDOW_SECONDS = (366 * DAY_MS) / SECOND_MS;

/** Providers write a time since 1970 in seconds or milliseconds, a number of seconds from now, or a date. */
function readResetAt(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const nowSeconds = nowMs / SECOND_MS;
  const given = readCount(text) ?? Date.parse(text);
  const inSeconds = given >= MIN_EPOCH_MS ? given / SECOND_MS : given;
  const at = Math.ceil(inSeconds >= MIN_EPOCH_SECONDS ? inSeconds : nowSeconds + inSeconds);
  return Math.abs(at - nowSeconds) <= MAX_WINDOW_SECONDS ? at : undefined;
}

/** A parameter of a structured header, in both forms of the IETF's drafts: `r=50` and `remaining=50`. */
function readParameter(header: string | null, names: string): number | undefined {
  const digits = new RegExp(`(?:^|[;,\\s])(?:${names})=(\\d{1,15})(?=[;,\\s]|$)`).exec(header ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const TOO_MANY_REQUESTS = 429;

/**
 * The quota in a provider's answer: `x-ratelimit-…`, or the IETF's `ratelimit` and `ratelimit-policy`. A 429 without
 * figures says that one of one is used until `retry-after`. Undefined when the answer says nothing.
 */
export function readQuota(
  { status, headers }: { status: number; headers: Headers },
  retryAfterSeconds: number | undefined,
  nowMs: number,
): Quota | undefined {
  const ietf = headers.get('ratelimit');
  const refused = status === TOO_MANY_REQUESTS;
  const max =
    readCount(readFirst(headers, ['x-ratelimit-limit', 'ratelimit-limit', 'x-rate-limit-limit'])) ??
    readParameter(ietf, 'limit') ??
    readParameter(headers.get('ratelimit-policy'), 'q');
  const remaining = refused
    ? 0
    : (readCount(readFirst(headers, ['x-ratelimit-remaining', 'ratelimit-remaining', 'x-rate-limit-remaining'])) ??
      readParameter(ietf, 'remaining|r'));
  const seconds = readParameter(ietf, 'reset|t');
  const stated = readFirst(headers, ['x-ratelimit-reset', 'ratelimit-reset', 'x-rate-limit-reset']);
  const resetAt = readResetAt(
    (refused ? retryAfterSeconds?.toString() : undefined) ?? stated ?? seconds?.toString(),
    nowMs,
  );
  if (max === undefined || max === 0) return refused ? { count: 1, max: 1, resetAt } : undefined;
  if (remaining === undefined) return undefined;
  return { count: Math.max(0, max - remaining), max, resetAt };
}
