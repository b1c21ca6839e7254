import type { UpstreamMeaning } from '../call/upstream.ts';

const CALLERS: UpstreamMeaning = { code: 'INVALID_INPUT', fault: 'caller', retryable: false };
const OURS: UpstreamMeaning = { code: 'INTERNAL_ERROR', fault: 'ours', retryable: false };

const BY_STATUS: Record<number, UpstreamMeaning> = {
  401: { code: 'UNAUTHORIZED', fault: 'caller', retryable: false },
  403: { code: 'UNAUTHORIZED', fault: 'caller', retryable: false },
  408: { code: 'TIMEOUT', fault: 'caller', retryable: true },
  429: { code: 'RATE_LIMITED', fault: 'caller', retryable: true },
  502: { code: 'UPSTREAM_ERROR', fault: 'dependency', retryable: true },
  503: { ...OURS, retryable: true },
  504: { code: 'TIMEOUT', fault: 'dependency', retryable: true },
};

/** What a status that our own handler answers says about its call: here a 4xx is the caller's. Undefined for a success. */
export const interpretOwnStatus = (status: number): UpstreamMeaning | undefined => {
  if (status < 400) return undefined;
  return BY_STATUS[status] ?? (status < 500 ? CALLERS : OURS);
};
