import { expect, test } from 'vitest';
import { interpretErrorCode, interpretStatus, readRetryAfterSeconds } from '../../../lambdas/observe/call/upstream.ts';
import { interpretOwnStatus } from '../../../lambdas/observe/failure/own-status.ts';

test('what an outside service’s status means for the call that asked it', () => {
  const told = [302, 400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 501, 502, 503, 504, 520].map((status) => {
    const { code, fault, retryable } = interpretStatus(status);
    return `${status} ${code} ${fault}${retryable ? ', try again' : ''}`;
  });
  expect(told).toEqual([
    '302 UPSTREAM_ERROR dependency',
    '400 INTERNAL_ERROR ours',
    '401 UNAUTHORIZED ours',
    '403 UNAUTHORIZED ours',
    '404 INTERNAL_ERROR ours',
    '408 TIMEOUT dependency, try again',
    '409 UPSTREAM_ERROR dependency',
    '422 INTERNAL_ERROR ours',
    '425 UPSTREAM_ERROR dependency, try again',
    '429 RATE_LIMITED dependency, try again',
    '500 UPSTREAM_ERROR dependency, try again',
    '501 UPSTREAM_ERROR dependency',
    '502 UPSTREAM_ERROR dependency, try again',
    '503 UPSTREAM_ERROR dependency, try again',
    '504 TIMEOUT dependency, try again',
    '520 UPSTREAM_ERROR dependency, try again',
  ]);
});

test('the same status answered by our own handler blames the caller for its 4xx', () => {
  const told = [200, 304, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504].map((status) => {
    const meaning = interpretOwnStatus(status);
    return meaning ? `${status} ${meaning.code} ${meaning.fault}` : `${status} success`;
  });
  expect(told).toEqual([
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

test('an unknown error code is no network error, whatever Object has under that name', () => {
  expect(interpretErrorCode('constructor')).toBeUndefined();
  expect(interpretErrorCode('ECONNRESET')).toMatchObject({ fault: 'dependency', retryable: true });
});

test('Retry-After is read as seconds and as a date, and nonsense as nothing', () => {
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
