import type { UpstreamMeaning } from '../call/upstream.ts';

const CALLER_ERROR: UpstreamMeaning = { code: 'INVALID_INPUT', fault: 'caller', retryable: false };
const OUR_ERROR: UpstreamMeaning = { code: 'INTERNAL_ERROR', fault: 'ours', retryable: false };

const BY_STATUS: Record<number, UpstreamMeaning> = {
  401: { code: 'UNAUTHORIZED', fault: 'caller', retryable: false },
  403: { code: 'UNAUTHORIZED', fault: 'caller', retryable: false },
  408: { code: 'TIMEOUT', fault: 'caller', retryable: true },
  429: { code: 'RATE_LIMITED', fault: 'caller', retryable: true },
  502: { code: 'UPSTREAM_ERROR', fault: 'dependency', retryable: true },
  503: { ...OUR_ERROR, retryable: true },
  504: { code: 'TIMEOUT', fault: 'dependency', retryable: true },
};

/**
 * The meaning of an HTTP status that our own handler answers, where a 4xx is the caller's fault. Undefined for a
 * success.
 */
export function interpretOwnStatus(status: number): UpstreamMeaning | undefined {
  if (status < 400) return undefined;
  return BY_STATUS[status] ?? (status < 500 ? CALLER_ERROR : OUR_ERROR);
}
