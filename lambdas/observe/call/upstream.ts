import type { ErrorCode, Fault } from '../../contract/vocabulary.ts';

/** What an outside service's answer or silence means for the call that asked it. */
export interface UpstreamMeaning {
  code: ErrorCode;
  fault: Fault;
  retryable: boolean;
}

const THEIRS: UpstreamMeaning = { code: 'UPSTREAM_ERROR', fault: 'dependency', retryable: true };
const THEIRS_FOR_GOOD: UpstreamMeaning = { ...THEIRS, retryable: false };
const OURS: UpstreamMeaning = { code: 'INTERNAL_ERROR', fault: 'ours', retryable: false };

/**
 * An outside service's 4xx blames whoever built the request, and that is us: the caller never saw it. Only what the
 * table names otherwise is not ours.
 */
const BY_STATUS: Record<number, UpstreamMeaning> = {
  401: { code: 'UNAUTHORIZED', fault: 'ours', retryable: false },
  402: { code: 'UPSTREAM_ERROR', fault: 'ours', retryable: false },
  403: { code: 'UNAUTHORIZED', fault: 'ours', retryable: false },
  407: { code: 'UNAUTHORIZED', fault: 'ours', retryable: false },
  408: { code: 'TIMEOUT', fault: 'dependency', retryable: true },
  409: THEIRS_FOR_GOOD,
  423: THEIRS,
  425: THEIRS,
  429: { code: 'RATE_LIMITED', fault: 'dependency', retryable: true },
  501: THEIRS_FOR_GOOD,
  504: { code: 'TIMEOUT', fault: 'dependency', retryable: true },
  505: THEIRS_FOR_GOOD,
};

/** The meaning of an outside service's HTTP status that was no success. */
export const interpretStatus = (status: number): UpstreamMeaning =>
  BY_STATUS[status] ?? (status >= 500 ? THEIRS : status >= 400 ? OURS : THEIRS_FOR_GOOD);

const TIMEOUT: UpstreamMeaning = { code: 'TIMEOUT', fault: 'dependency', retryable: true };

const BY_ERROR_CODE: Record<string, UpstreamMeaning> = {
  ECONNREFUSED: THEIRS,
  ECONNRESET: THEIRS,
  ECONNABORTED: THEIRS,
  EPIPE: THEIRS,
  EAI_AGAIN: THEIRS,
  ENOTFOUND: THEIRS,
  EHOSTUNREACH: THEIRS,
  ENETUNREACH: THEIRS,
  ENETDOWN: THEIRS,
  ETIMEDOUT: TIMEOUT,
  ESOCKETTIMEDOUT: TIMEOUT,
  UND_ERR_SOCKET: THEIRS,
  UND_ERR_CONNECT_TIMEOUT: TIMEOUT,
  UND_ERR_HEADERS_TIMEOUT: TIMEOUT,
  UND_ERR_BODY_TIMEOUT: TIMEOUT,
  CERT_HAS_EXPIRED: THEIRS_FOR_GOOD,
  DEPTH_ZERO_SELF_SIGNED_CERT: THEIRS_FOR_GOOD,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: THEIRS_FOR_GOOD,
};

/** The meaning of a network error's `code`; undefined when it is none. */
export const interpretErrorCode = (code: string): UpstreamMeaning | undefined =>
  Object.hasOwn(BY_ERROR_CODE, code) ? BY_ERROR_CODE[code] : undefined;

/** Seconds a `Retry-After` header asks for, given as seconds or as a date; undefined when it is neither. */
export const readRetryAfterSeconds = (header: string | null | undefined, nowMs: number): number | undefined => {
  const value = header?.trim();
  if (!value) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - nowMs) / 1_000));
};
