import { expect, test } from 'vitest';
import { interpretErrorCode, interpretStatus, readRetryAfterSeconds } from '../../../lambdas/observe/call/upstream.ts';
import { interpretOwnStatus } from '../../../lambdas/observe/failure/own-status.ts';

test('each status of a provider has a code and a fault for the call that sent the request', () => {
  const meanings = [302, 400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 501, 502, 503, 504, 520].map((status) => {
    const { code, fault, retryable } = interpretStatus(status);
    return `${status} ${code} ${fault}${retryable ? ', retryable' : ''}`;
  });
  expect(meanings).toEqual([
    '302 UPSTREAM_ERROR dependency',
    '400 INTERNAL_ERROR ours',
    '401 UNAUTHORIZED ours',
    '403 UNAUTHORIZED ours',
    '404 INTERNAL_ERROR ours',
    '408 TIMEOUT dependency, retryable',
    '409 UPSTREAM_ERROR dependency',
    '422 INTERNAL_ERROR ours',
    '425 UPSTREAM_ERROR dependency, retryable',
    '429 RATE_LIMITED dependency, retryable',
    '500 UPSTREAM_ERROR dependency, retryable',
    '501 UPSTREAM_ERROR dependency',
    '502 UPSTREAM_ERROR dependency, retryable',
    '503 UPSTREAM_ERROR dependency, retryable',
    '504 TIMEOUT dependency, retryable',
    '520 UPSTREAM_ERROR dependency, retryable',
  ]);
});

test('a 4xx that our own handler answers is the caller’s fault', () => {
  const meanings = [200, 304, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504].map((status) => {
    const meaning = interpretOwnStatus(status);
    return meaning ? `${status} ${meaning.code} ${meaning.fault}` : `${status} success`;
  });
  expect(meanings).toEqual([
    '200 success',
    '304 success',
    '400 INVALID_INPUT caller',
    '401 UNAUTHORIZED caller',
    '403 UNAUTHORIZED caller',
    '404 INVALID_INPUT caller',
    '408 TIMEOUT caller',
    '429 RATE_LIMITED caller',
    '500 INTERNAL_ERROR ours',
    '502 UPSTREAM_ERROR dependency',
    '503 INTERNAL_ERROR ours',
    '504 TIMEOUT dependency',
  ]);
});

test('an unknown error code is not a network error, even if Object has a property of that name', () => {
  expect(interpretErrorCode('constructor')).toBeUndefined();
  expect(interpretErrorCode('ECONNRESET')).toMatchObject({ fault: 'dependency', retryable: true });
});

test('Retry-After is read as seconds or as a date, and anything else is ignored', () => {
  const now = Date.parse('2026-11-20T10:00:00Z');
  expect(readRetryAfterSeconds('120', now)).toBe(120);
  expect(readRetryAfterSeconds('Fri, 20 Nov 2026 10:00:30 GMT', now)).toBe(30);
  expect(readRetryAfterSeconds('Fri, 20 Nov 2026 09:00:00 GMT', now)).toBe(0);
  expect([
    readRetryAfterSeconds('soon', now),
    readRetryAfterSeconds(null, now),
    readRetryAfterSeconds('', now),
  ]).toEqual([undefined, undefined, undefined]);
});
