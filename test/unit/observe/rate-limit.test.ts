import { createServer, type OutgoingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readQuota } from '../../../lambdas/observe/call/rate-limit.ts';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { observe } from '../../../lambdas/observe/observe.ts';
import { captureLines } from '../../support/captured-lines.ts';

const lines = captureLines();

let answer: { status: number; headers: OutgoingHttpHeaders } = { status: 200, headers: {} };
let server: Server;
let url: string;
beforeAll(async () => {
  server = createServer((_request, response) => response.writeHead(answer.status, answer.headers).end('{}'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const callWith = async (status: number, headers: OutgoingHttpHeaders) => {
  answer = { status, headers };
  await observe('dependency', 'quota', ({ fetch }) => fetch(url, { expect: [429] }), { provider: 'shop' });
  return lines.records().at(-1);
};
const key = { rate_limit_key: 'shop', rate_limit_key_type: 'provider' };

test('a provider’s quota is on the line of the call that was answered with it', async () => {
  const headers = { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '25', 'x-ratelimit-reset': '1795200060' };
  const resetAt = Math.floor(Date.now() / 1_000) + 60;
  const record = await callWith(200, { ...headers, 'x-ratelimit-reset': String(resetAt) });
  expect(record).toMatchObject({
    measures: { rate_limit_count: 75, rate_limit_max: 100, rate_limit_reset_at: resetAt },
    metadata: { ...key, dependencies: { shop: { calls: 1, failed: 0 } } },
  });
});

test('an answer without a quota adds nothing', async () => {
  const record = await callWith(200, {});
  expect(record).not.toHaveProperty('measures');
  expect(record?.metadata).not.toHaveProperty('rate_limit_key');
});

test('a 429 without figures is one of one until the provider may be asked again', async () => {
  const record = await callWith(429, { 'retry-after': '30' });
  expect(record).toMatchObject({ measures: { rate_limit_count: 1, rate_limit_max: 1 }, metadata: key });
  expect(record?.measures?.rate_limit_reset_at).toBeGreaterThan(Date.now() / 1_000 + 25);
});

test('what a call states itself comes before a provider’s quota', async () => {
  answer = { status: 200, headers: { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '25' } };
  await observe('http', 'GET /v1', async ({ fetch, rateLimit }) => {
    rateLimit({ key: 'acme', keyType: 'org', count: 9, max: 10 });
    await fetch(url);
  });
  expect(lines.records()).toMatchObject([
    {
      measures: { rate_limit_count: 9, rate_limit_max: 10 },
      metadata: { rate_limit_key: 'acme', rate_limit_key_type: 'org' },
    },
  ]);
});

test('a limit that is none is refused and counted, and nothing else is lost', async () => {
  await observe('job', 'limits', ({ rateLimit, measure }) => {
    measure('orders', 1);
    rateLimit({ key: 'acme', keyType: 'org', count: Number.NaN, max: 0 });
  });
  await observe('job', 'after', () => 1);
  expect(lines.records()[0]).toMatchObject({ success: true, measures: { orders: 1 } });
  expect(JSON.parse(lines.raw()[0] ?? '').telemetry_dropped).toBe(1);
});

const NOW_MS = Date.parse('2026-11-20T18:40:00Z');
const NOW = NOW_MS / 1_000;
const quotaOf = (headers: Record<string, string>, status = 200) =>
  readQuota({ status, headers: new Headers(headers) }, undefined, NOW_MS);

test.each([
  [
    'seconds from now',
    { 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': '30' },
    NOW + 30,
  ],
  [
    'a time in milliseconds',
    { 'ratelimit-limit': '10, 10;w=60', 'ratelimit-remaining': '4', 'ratelimit-reset': `${NOW_MS + 5_000}` },
    NOW + 5,
  ],
  [
    'a date',
    { 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': '2026-11-20T18:41:00Z' },
    NOW + 60,
  ],
  ['the first form of the IETF’s header', { ratelimit: 'limit=10, remaining=4, reset=7' }, NOW + 7],
  ['its later form', { ratelimit: '"default";r=4;t=8', 'ratelimit-policy': '"default";q=10;w=60' }, NOW + 8],
])('a quota that ends at %s is read', (_, headers, resetAt) => {
  expect(quotaOf(headers)).toEqual({ count: 6, max: 10, resetAt });
});

test('whatever the headers are, a line is valid', async () => {
  const value = fc.oneof(
    fc.constantFrom('', '0', '-1', '1e9', '9'.repeat(40), 'NaN', '100;w=1', '"x";r=1', 'limit=5'),
    fc.nat().map(String),
    fc.stringMatching(/^[ -~]{0,40}$/),
  );
  const name = fc.constantFrom(
    'x-ratelimit-limit',
    'x-ratelimit-remaining',
    'x-ratelimit-reset',
    'ratelimit',
    'ratelimit-policy',
    'retry-after',
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, value), fc.constantFrom(200, 429), async (headers, status) => {
      await callWith(status, headers);
      expect(checkLine(lines.raw().at(-1) ?? '')).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
