import type { ErrorCode, Fault } from '../../contract/vocabulary.ts';

/** What a provider's response, or its silence, means for the call that sent the request. */
export interface UpstreamMeaning {
  code: ErrorCode;
  fault: Fault;
  retryable: boolean;
}

const DEPENDENCY_ERROR: UpstreamMeaning = { code: 'UPSTREAM_ERROR', fault: 'dependency', retryable: true };
const PERMANENT_DEPENDENCY_ERROR: UpstreamMeaning = { ...DEPENDENCY_ERROR, retryable: false };
const DEPENDENCY_TIMEOUT: UpstreamMeaning = { code: 'TIMEOUT', fault: 'dependency', retryable: true };
const OUR_ERROR: UpstreamMeaning = { code: 'INTERNAL_ERROR', fault: 'ours', retryable: false };

/**
 * A provider's 4xx is our fault, because we built the request and the caller never saw it. The statuses in this table
 * are the exceptions.
 */
const BY_STATUS: Record<number, UpstreamMeaning> = {
  401: { code: 'UNAUTHORIZED', fault: 'ours', retryable: false },
  402: { code: 'UPSTREAM_ERROR', fault: 'ours', retryable: false },
  403: { code: 'UNAUTHORIZED', fault: 'ours', retryable: false },
  407: { code: 'UNAUTHORIZED', fault: 'ours', retryable: false },
  408: DEPENDENCY_TIMEOUT,
  409: PERMANENT_DEPENDENCY_ERROR,
  423: DEPENDENCY_ERROR,
  425: DEPENDENCY_ERROR,
  429: { code: 'RATE_LIMITED', fault: 'dependency', retryable: true },
  501: PERMANENT_DEPENDENCY_ERROR,
  504: DEPENDENCY_TIMEOUT,
  505: PERMANENT_DEPENDENCY_ERROR,
};

/** The meaning of a provider's HTTP status outside 2xx. */
export function interpretStatus(status: number): UpstreamMeaning {
  const meaning = BY_STATUS[status];
  if (meaning) return meaning;
  if (status >= 500) return DEPENDENCY_ERROR;
  return status >= 400 ? OUR_ERROR : PERMANENT_DEPENDENCY_ERROR;
}

const BY_ERROR_CODE: Record<string, UpstreamMeaning> = {
  ECONNREFUSED: DEPENDENCY_ERROR,
  ECONNRESET: DEPENDENCY_ERROR,
  ECONNABORTED: DEPENDENCY_ERROR,
  EPIPE: DEPENDENCY_ERROR,
  EAI_AGAIN: DEPENDENCY_ERROR,
  ENOTFOUND: DEPENDENCY_ERROR,
  EHOSTUNREACH: DEPENDENCY_ERROR,
  ENETUNREACH: DEPENDENCY_ERROR,
  ENETDOWN: DEPENDENCY_ERROR,
  ETIMEDOUT: DEPENDENCY_TIMEOUT,
  ESOCKETTIMEDOUT: DEPENDENCY_TIMEOUT,
  UND_ERR_SOCKET: DEPENDENCY_ERROR,
  UND_ERR_CONNECT_TIMEOUT: DEPENDENCY_TIMEOUT,
  UND_ERR_HEADERS_TIMEOUT: DEPENDENCY_TIMEOUT,
  UND_ERR_BODY_TIMEOUT: DEPENDENCY_TIMEOUT,
  CERT_HAS_EXPIRED: PERMANENT_DEPENDENCY_ERROR,
  DEPTH_ZERO_SELF_SIGNED_CERT: PERMANENT_DEPENDENCY_ERROR,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: PERMANENT_DEPENDENCY_ERROR,
};

/** The meaning of an error's `code`; undefined when it is not a network error. */
export function interpretErrorCode(code: string): UpstreamMeaning | undefined {
  return Object.hasOwn(BY_ERROR_CODE, code) ? BY_ERROR_CODE[code] : undefined;
}

/** The seconds in a `Retry-After` header, which may be a number of seconds or a date; undefined when it is neither. */
export function readRetryAfterSeconds(header: string | null | undefined, nowMs: number): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - nowMs) / 1_000));
}
