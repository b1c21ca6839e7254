import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createPlainServer } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Certificate, makeCertificate } from '../../../emulator/certificate.ts';
import type { Resolve } from '../../../lambdas/deliver/addresses.ts';
import { sendRequest } from '../../../lambdas/deliver/send.ts';

let certificate: Certificate;
beforeAll(async () => {
  certificate = await makeCertificate();
});
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const startServer = async (listener: RequestListener) => {
  const server = createServer(certificate, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};
const toLocalhost: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];
const send = (url: string, more: Partial<Parameters<typeof sendRequest>[1]> = {}) =>
  sendRequest(
    { method: 'POST', url, headers: { 'content-type': 'application/json', 'x-own': '1' }, body: '{"a":"ü"}' },
    { allowPrivateAddresses: true, resolve: toLocalhost, ca: certificate.cert, ...more },
  );

describe('a request', () => {
  test('arrives as it is, and its answer comes back whole', async () => {
    const received: unknown[] = [];
    const port = await startServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method, url, headers } = request;
      received.push({ method, url, own: headers['x-own'], length: headers['content-length'] });
      received.push(Buffer.concat(chunks).toString('utf8'));
      response.writeHead(202, { 'retry-after': '7' }).end('thanks');
    });
    const { answer } = await send(`https://localhost:${port}/hook?key=1`);
    expect(answer).toMatchObject({ status: 202, body: 'thanks', headers: { 'retry-after': '7' } });
    expect(received).toEqual([{ method: 'POST', url: '/hook?key=1', own: '1', length: '10' }, '{"a":"ü"}']);
  });

  test('follows no redirect', async () => {
    let requests = 0;
    const port = await startServer((_, response) => {
      requests += 1;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect((await send(`https://localhost:${port}/`)).answer).toMatchObject({ status: 307 });
    expect(requests).toBe(1);
  });

  test('goes to the address that was checked, whatever the name says the next time', async () => {
    const port = await startServer((_, response) => response.end('inside'));
    let asked = 0;
    const rebinding: Resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }];
    };
    const result = await send(`https://localhost:${port}/`, { allowPrivateAddresses: false, resolve: rebinding });
    expect(result.failure).toMatchObject({ type: 'private_address', isLasting: true });
    expect(asked).toBe(1);
    const pinned = await send(`https://localhost:${port}/`, { resolve: rebinding, timeoutMs: 3_000 });
    expect(pinned.answer).toMatchObject({ body: 'inside' });
    expect(asked).toBe(2);
  });

  test.each(['https://127.0.0.1:1/', 'https://[::1]:1/', 'https://2130706433:1/', 'https://localhost:1/'])(
    'does not leave for %s',
    async (url) => {
      const { failure } = await send(url, { allowPrivateAddresses: false });
      expect(failure).toMatchObject({ type: 'private_address', isLasting: true });
    },
  );

  test.each(['http://localhost/', 'ftp://localhost/', 'nonsense', ''])('does not leave for %s', async (url) => {
    expect((await send(url)).failure).toMatchObject({ type: 'no_https', isLasting: true });
  });
});

describe('a channel that does not answer as it should', () => {
  test('that hangs is given up after the time limit', async () => {
    const port = await startServer(() => {});
    const { failure } = await send(`https://localhost:${port}/`, { timeoutMs: 200 });
    expect(failure).toMatchObject({ type: 'timeout', isLasting: false });
  });

  test('that hangs within its answer has answered', async () => {
    const port = await startServer((_, response) => {
      response.writeHead(200).write('o');
    });
    const { answer } = await send(`https://localhost:${port}/`, { timeoutMs: 500 });
    expect(answer).toMatchObject({ status: 200, body: 'o' });
  });

  test('whose name is looked up for ever is given up as well', async () => {
    const { failure } = await send('https://localhost/', { resolve: () => new Promise(() => {}), timeoutMs: 100 });
    expect(failure).toMatchObject({ type: 'timeout' });
  });

  test('that resets the connection, before or within its answer', async () => {
    const before = await startServer((request) => request.socket.destroy());
    expect((await send(`https://localhost:${before}/`)).failure).toMatchObject({
      type: 'econnreset',
      isLasting: false,
    });
    const within = await startServer((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('ok', () => request.socket.destroy());
    });
    expect((await send(`https://localhost:${within}/`)).answer).toMatchObject({ status: 200, body: 'ok' });
  });

  test('that is not there', async () => {
    const server = createPlainServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect((await send(`https://localhost:${port}/`)).failure).toMatchObject({
      type: 'econnrefused',
      isLasting: false,
    });
  });

  test('whose certificate nobody has signed', async () => {
    const port = await startServer((_, response) => response.end());
    const { cert: ca } = await makeCertificate();
    const { failure } = await send(`https://localhost:${port}/`, { ca });
    expect(failure).toMatchObject({ isLasting: false });
    expect(failure?.type).toMatch(/self_signed|unable_to_verify/);
  });

  test('that answers without end is not read without end', async () => {
    const port = await startServer((_, response) => {
      response.writeHead(500);
      const write = () => {
        while (response.writable && response.write('x'.repeat(16_384)));
        response.once('drain', write);
      };
      write();
    });
    const { answer } = await send(`https://localhost:${port}/`, { timeoutMs: 5_000 });
    expect(answer?.status).toBe(500);
    expect(answer?.body).toHaveLength(65_536);
  });

  test('says nothing of the address beside the name of its host, and nothing of headers', async () => {
    const secret = 'canary-5f2a';
    const results = await Promise.all([
      send(`https://localhost:1/${secret}?key=${secret}`),
      send(`http://localhost/${secret}`),
      send(`https://localhost:1/${secret}`, { allowPrivateAddresses: false }),
      sendRequest(
        { method: 'POST', url: 'https://localhost:1/', headers: { authorization: `${secret}\n` }, body: '' },
        { allowPrivateAddresses: true, resolve: toLocalhost },
      ),
    ]);
    expect(results.every(({ failure }) => failure)).toBe(true);
    expect(JSON.stringify(results)).not.toContain(secret);
    expect(results[3]?.failure).toMatchObject({ type: 'err_invalid_char', isLasting: true });
  });
});
