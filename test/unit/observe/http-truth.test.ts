import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import middy from '@middy/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { currentCall, type HandlerOptions, observe, observed, observeHandler } from '../../../lambdas/observe/index.ts';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { EVENTS } from '../../support/events.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
const run = async (event: unknown, answer: unknown, options?: HandlerOptions) => {
  const handler = observeHandler(async () => {
    if (answer instanceof Error) throw answer;
    return answer;
  }, options);
  await handler(event as never, {}).catch(() => undefined);
  expect(checkLine(lines.raw().at(-1) ?? '')).toEqual([]);
  return lines.records().at(-1);
};
const broken = new Error('broken');

describe('a request’s line says what the request was and what its client read:', () => {
  test.each([
    ['an HTTP API', EVENTS.httpApi, { statusCode: 201 }, { method: 'GET', route: '/orders/{id}', status: 201 }],
    ['a refusal', EVENTS.httpApi, { statusCode: 403 }, { method: 'GET', route: '/orders/{id}', status: 403 }],
    ['a status of our own', EVENTS.httpApi, { statusCode: 503 }, { method: 'GET', route: '/orders/{id}', status: 503 }],
    ['an answer without a status', EVENTS.httpApi, { ok: true }, { method: 'GET', route: '/orders/{id}', status: 200 }],
    ['an error in an HTTP API', EVENTS.httpApi, broken, { method: 'GET', route: '/orders/{id}', status: 500 }],
    ['an error behind a function URL', EVENTS.functionUrl, broken, { method: 'POST', status: 502 }],
    [
      'a REST API',
      EVENTS.restApi,
      { statusCode: 404, body: '' },
      { method: 'GET', route: '/orders/{id}', status: 404 },
    ],
    [
      'an answer that a REST API refuses',
      EVENTS.restApi,
      'text',
      { method: 'GET', route: '/orders/{id}', status: 502 },
    ],
    ['a load balancer', EVENTS.loadBalancer, { statusCode: '204' }, { method: 'GET', status: 204 }],
  ])('%s', async (_, event, answer, http) => {
    const record = await run(event, answer);
    expect(record?.kind).toBe('http');
    expect(record?.metadata?.http).toEqual(http);
  });

  test('events that are no request have none', async () => {
    expect((await run(EVENTS.queue, undefined))?.metadata).not.toHaveProperty('http');
  });

  test('the address of the client only where an option allows it', async () => {
    const http = { ...EVENTS.httpApi.requestContext.http, sourceIp: '203.0.113.7' };
    const event = { ...EVENTS.httpApi, requestContext: { http } };
    expect((await run(event, { statusCode: 200 }))?.metadata?.http).not.toHaveProperty('ip');
    expect((await run(event, { statusCode: 200 }, { recordIp: true }))?.metadata?.http).toHaveProperty(
      'ip',
      '203.0.113.7',
    );
  });

  test('a method that is none, and a middleware’s answer', async () => {
    const event = { ...EVENTS.restApi, httpMethod: 'FLY' };
    await middy()
      .use(observed())
      .handler(async () => ({ statusCode: 418, body: '' }))(event as never, {} as never);
    expect(lines.records()[0]?.metadata?.http).toEqual({ method: '_OTHER', route: '/orders/{id}', status: 418 });
  });
});

test('an observed handler receives the context of its call, and middy finds it', async () => {
  const handler = observeHandler(async (_event: unknown, _context: object, { label, measure }) => {
    label({ userId: 'u-1' });
    measure('orders', 2);
    return { statusCode: 200 };
  });
  await handler(EVENTS.httpApi, {});
  const inMiddy = middy()
    .use(observed())
    .handler(async () => {
      currentCall()?.label({ domain: 'shop.example.com' });
      return { statusCode: 200, body: '' };
    });
  await inMiddy(EVENTS.restApi as never, {} as never);
  expect(lines.records()).toMatchObject([{ user_id: 'u-1', measures: { orders: 2 } }, { domain: 'shop.example.com' }]);
  expect(currentCall()).toBeUndefined();
});

test('an observed handler receives which request it answers, and the address only where it may be recorded', async () => {
  const requests: unknown[] = [];
  const handler = (options?: HandlerOptions) =>
    observeHandler(async (_event: unknown, _context: object, { request }) => {
      requests.push(request);
      return { statusCode: 200 };
    }, options);
  const http = { ...EVENTS.httpApi.requestContext.http, sourceIp: '203.0.113.7', userAgent: 'curl/8' };
  const event = { ...EVENTS.httpApi, requestContext: { http } };
  await handler()(event, {});
  await handler({ recordIp: true })(event, {});
  await handler()(EVENTS.queue, {});
  const request = {
    id: 'req-9',
    method: 'GET',
    route: '/orders/{id}',
    startedAt: expect.any(Date),
    userAgent: 'curl/8',
  };
  expect(requests).toEqual([{ ...request, ip: undefined }, { ...request, ip: '203.0.113.7' }, undefined]);
});

test('an HTTP answer has the call’s id under both names', async () => {
  const answer = await observeHandler(async () => ({ statusCode: 200 }))(EVENTS.httpApi, {});
  expect(answer).toMatchObject({ headers: { 'x-request-id': 'req-9', 'x-correlation-id': 'req-9' } });
});

describe('a failure that a provider’s status caused', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((_request, response) => response.writeHead(503).end());
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  test('says which it was, for a tool and for other work', async () => {
    await defineTool(toolFacts({ name: 'upstream' })).run(async (_args, { fetch }) => {
      await fetch(url);
      return { degrees: 1 };
    })({ city: 'Oslo' }, aContext());
    const refused = Object.assign(new Error('no'), { status: 404 });
    await observe('dependency', 'shop', () => Promise.reject(refused)).catch(() => undefined);
    expect(lines.records()).toMatchObject([
      { error_type: 'http_503', metadata: { upstream_status: 503 } },
      { error_type: 'http_404', metadata: { upstream_status: 404 } },
    ]);
  });
});
