import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { reasonOf } from '../../../lambdas/smoke/connection.ts';
import { isRefusal, pollUntilFound, sendUntilSettled } from '../../../lambdas/smoke/poll.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** An error as the AWS SDK throws it. */
const answered = (status: number, more: object = {}) =>
  Object.assign(new Error(`status ${status}`), { $metadata: { httpStatusCode: status }, ...more });
/** An error as a query of the api function throws it. */
const telemetryError = (type: string, cause?: unknown) =>
  Object.assign(new Error('The telemetry cannot be read.', { cause }), { type });

const denied = answered(403);
const MINUTES = 60_000;

/** Runs what waits, and says how many attempts it made and how it ended. */
const run = async (start: (attempt: () => Promise<string | undefined>) => Promise<unknown>, error: unknown) => {
  const attempt = vi.fn<() => Promise<string | undefined>>().mockRejectedValue(error);
  const outcome = start(attempt).then(
    () => 'found',
    (thrown: unknown) => thrown,
  );
  await vi.runAllTimersAsync();
  return { outcome: await outcome, attempts: attempt.mock.calls.length };
};
const poll = (error: unknown) => run((find) => pollUntilFound(find, 4 * MINUTES), error);
const send = (error: unknown, timeoutMs = 4 * MINUTES) => run((attempt) => sendUntilSettled(attempt, timeoutMs), error);

test('a denial that stays ends a search after half a minute, and not after its whole time', async () => {
  const { outcome, attempts } = await poll(denied);
  expect(outcome).toBe(denied);
  expect(attempts).toBeGreaterThan(25);
  expect(attempts).toBeLessThan(35);
});

test('a denial of the query behind a telemetry error ends the search as well, and is what the sentence says', async () => {
  const error = telemetryError('AccessDeniedException', denied);
  expect((await poll(error)).attempts).toBeLessThan(35);
  expect(reasonOf(error)).toBe('status 403');
});

test.each([
  ['a store that does not answer yet', telemetryError('http_503')],
  ['a throttled request', answered(400, { $retryable: { throttling: true } })],
  ['too many requests', answered(429)],
  ['a function that is being updated', answered(409)],
  ['an error of the service', answered(500)],
  ['no answer at all', new Error('socket hang up')],
])('%s is tried again for the whole time', async (_, error) => {
  expect((await poll(error)).attempts).toBeGreaterThan(200);
});

test('a right that AWS learns of late is waited for', async () => {
  const find = vi.fn().mockRejectedValueOnce(denied).mockRejectedValueOnce(denied).mockResolvedValue('found');
  const found = pollUntilFound(find, 4 * MINUTES);
  await vi.runAllTimersAsync();
  expect(await found).toBe('found');
  const sent = sendUntilSettled(find.mockRejectedValueOnce(denied), 4 * MINUTES);
  await vi.runAllTimersAsync();
  expect(await sent).toBe('found');
});

test('a request that was not refused is sent once: it may have taken effect', async () => {
  expect(await send(answered(500))).toMatchObject({ attempts: 1 });
  expect(await send(new Error('socket hang up'))).toMatchObject({ attempts: 1 });
  expect((await send(denied)).attempts).toBeGreaterThan(25);
  expect((await send(denied, 3_000)).attempts).toBeLessThan(8);
});

test('whatever the status, a client error ends early unless it can pass', () => {
  const passing = fc.constantFrom(408, 409, 425, 429);
  const final = fc.integer({ min: 400, max: 499 }).filter((status) => ![408, 409, 425, 429].includes(status));
  const wrap = fc.constantFrom(
    (status: number) => answered(status),
    (status: number) => telemetryError(`http_${status}`),
    (status: number) => telemetryError('SomeException', answered(status)),
  );
  fc.assert(fc.property(final, wrap, (status, as) => isRefusal(as(status))));
  fc.assert(fc.property(fc.oneof(passing, fc.integer({ min: 500, max: 599 })), wrap, (s, as) => !isRefusal(as(s))));
  fc.assert(fc.property(fc.anything(), (thrown) => !isRefusal(thrown) || typeof thrown === 'object'));
});
