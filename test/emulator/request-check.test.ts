import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../emulator/certificate.ts';
import { createRequestCheck } from '../../emulator/request-check.ts';
import { startHttpServer } from '../../local/http-server.ts';
import { createPager } from '../../local/receivers/pager.ts';
import { serveReceiver } from '../../local/receivers/serve-receiver.ts';
import { startShop } from '../../local/shop/shop.ts';
import { baseResources, startSmallCloud } from '../support/small-cloud.ts';

interface Sent {
  method?: string;
  headers?: IncomingHttpHeaders;
  body?: string;
  ca?: string | undefined;
}

/** Sends a request with exactly these headers: `fetch` would not let the test choose the host. */
const send = async (url: string, { method = 'GET', headers = {}, body = '', ca }: Sent) => {
  const start = url.startsWith('https') ? httpsRequest : httpRequest;
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = start(url, { method, headers, ca, servername: 'localhost' }, async (response) =>
      resolve({ status: response.statusCode ?? 0, body: await text(response) }),
    );
    sent.once('error', reject).end(body);
  });
};

const stops: (() => Promise<unknown>)[] = [];
/** What a page of another site would like to read or change, by the server's name. */
const servers: Record<string, { url: string; ca?: string }> = {};

beforeAll(async () => {
  const certificate = await makeCertificate();
  const page = await startHttpServer(0, createRequestCheck());
  page.setRoutes({
    mcp: () => {},
    api: (_, response) => response.end('page'),
    operate: () => {},
    local: () => ({ secret: true }),
    signIn: () => {},
  });
  const shop = await startShop();
  const pager = await serveReceiver(createPager(), certificate);
  const cloud = await startSmallCloud({ resources: baseResources() });
  servers.page = { url: `${page.url}/` };
  servers.state = { url: `${page.url}/local/state` };
  servers.shop = { url: `${shop.url}/products` };
  servers.control = { url: shop.controlUrl };
  servers.pager = { url: pager.url, ca: certificate.cert };
  servers['AWS API'] = { url: `${cloud.endpoint}/?Action=ConfirmSubscription` };
  stops.push(page.stop, shop.close, pager.stop, cloud.stop);
});
afterAll(async () => {
  for (const stop of stops) await stop();
});

const portOf = (url: string): string => new URL(url).port;
const NAMES = ['page', 'state', 'shop', 'control', 'pager', 'AWS API'];

describe.each(NAMES)('the %s', (name) => {
  test('answers under every local name', async () => {
    const { url, ca } = servers[name] ?? { url: '' };
    const port = portOf(url);
    for (const host of [
      `localhost:${port}`,
      `127.0.0.1:${port}`,
      `[::1]:${port}`,
      'LOCALHOST',
      'localhost.',
      `Localhost.:1`,
    ]) {
      expect((await send(url, { headers: { host }, ca })).status, host).not.toBe(403);
    }
  });

  test('does not answer under a name that a web page may have', async () => {
    const { url, ca } = servers[name] ?? { url: '' };
    const port = portOf(url);
    for (const host of [
      `evil.example:${port}`,
      `localhost.evil.example:${port}`,
      'evil-localhost',
      '127.0.0.1.nip.io',
      `user@localhost:${port}`,
      'localhost:80:80',
      'localhost..',
      '0.0.0.0',
    ]) {
      const answer = await send(url, { headers: { host }, ca });
      expect(answer.status, host).toBe(403);
      expect(JSON.parse(answer.body).error, host).toContain(`[::1], not "${host}". To use that name, `);
    }
  });
});

describe('a page of another site', () => {
  const body = JSON.stringify({ effect: 'fail' });

  test.each(['https://evil.example', 'http://localhost.evil.example', 'null'])(
    'from %s breaks no shop',
    async (origin) => {
      const { url = '' } = servers.control ?? {};
      const headers = { host: `localhost:${portOf(url)}`, origin, 'content-type': 'text/plain' };
      for (const method of ['POST', 'DELETE']) {
        expect(await send(url, { method, headers, ...(method === 'POST' && { body }) })).toEqual({
          status: 403,
          body: expect.stringContaining(`not \\"${origin}\\"`),
        });
      }
      expect(JSON.parse((await send(url, {})).body)).toEqual({ failure_modes: [] });
    },
  );

  test('of this machine may', async () => {
    const { url = '' } = servers.control ?? {};
    const headers = { origin: 'http://localhost:5173' };
    expect((await send(url, { method: 'POST', headers, body })).status).toBe(200);
    expect(JSON.parse((await send(url, { method: 'DELETE', headers })).body)).toEqual({ failure_modes: [] });
  });

  test('cannot make the emulated AWS or the pager do something', async () => {
    for (const name of ['AWS API', 'pager']) {
      const { url, ca } = servers[name] ?? { url: '' };
      const answer = await send(url, { method: 'POST', headers: { origin: 'https://evil.example' }, body, ca });
      expect(answer.status, name).toBe(403);
    }
  });
});

test('a pager survives what is no notification', async () => {
  const { url = '', ca } = servers.pager ?? {};
  expect((await send(url, { method: 'POST', body: 'no JSON', ca })).status).toBe(400);
  expect((await send(url, { method: 'POST', body: '{}', ca })).status).toBe(400);
});

describe('a name that was allowed', () => {
  const check = createRequestCheck({ allowedHosts: ['Box-3000.example.com'], howToAllow: 'allow it' });
  const ask = (host: string, method = 'GET', origin?: string) =>
    check({ method, headers: { host, ...(origin && { origin }) } } as Parameters<typeof check>[0]);

  test('is answered, also when a page of it changes something', () => {
    expect(ask('box-3000.example.com')).toBeUndefined();
    expect(ask('localhost:3000', 'POST', 'https://box-3000.example.com')).toBeUndefined();
    expect(ask('other.example.com')).toBe(
      'This server answers requests to localhost, 127.0.0.1 or [::1], not "other.example.com". To use that name, allow it.',
    );
  });

  test('and the local names are the only ones: any other host is refused', () => {
    const names = ['localhost', '127.0.0.1', '[::1]', 'box-3000.example.com'];
    const parts = fc.constantFrom(...names, '.', ':', '@', '80', 'evil', '%', '/', ' ', '\t', '\0', 'ı');
    const host = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.array(parts, { maxLength: 4 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(host, (text) => {
        const isNamed = names.some((name) => {
          const rest = text.toLowerCase().startsWith(name) ? text.slice(name.length) : undefined;
          return rest !== undefined && /^\.?(:\d{1,5})?$/.test(rest);
        });
        expect(ask(text) === undefined).toBe(isNamed);
      }),
      { numRuns: 2_000 },
    );
  });
});
