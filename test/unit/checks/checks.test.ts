import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../../emulator/certificate.ts';
import { evaluateQueue } from '../../../lambdas/checks/queue.ts';
import { runChecks } from '../../../lambdas/checks/run-checks.ts';
import { evaluateExpiry } from '../../../lambdas/contract/health/components.ts';
import { type DeclaredCheck, declaredCheck, queueCheck } from '../../../lambdas/contract/health/declarations.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { listen } from '../../support/http-server.ts';
import { root } from '../../support/source-files.ts';

const lines = captureLines();
const DAY_MS = 86_400_000;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const declare = (given: object): DeclaredCheck => declaredCheck.parse(given);
const unknowns: [string, unknown][] = [];
const run = (checks: DeclaredCheck[], endpoint = 'http://127.0.0.1:1') =>
  runChecks(checks, {
    cloudwatch: new CloudWatchClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    }),
    onUnknown: (...unknown) => unknowns.push(unknown),
  });
const runOne = async (given: object, endpoint?: string) => (await run([declare(given)], endpoint))[0];

const serve = async (listener: RequestListener): Promise<string> => {
  const server = await listen(listener);
  closing.push(server.close);
  return server.url;
};
const serveTls = async (certificate: { key: string; cert: string }): Promise<number> => {
  const server = createTlsServer(certificate);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
};

describe('an address', () => {
  test('that answers is ok, and its line says so', async () => {
    const url = await serve((_, response) => response.end('fine'));
    expect(await runOne({ kind: 'http', name: 'shop', url })).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(/^answers 200 in \d+ ms$/),
    });
    expect(lines.records()).toMatchObject([
      {
        kind: 'probe',
        name: 'shop',
        success: true,
        tenant_id: 'default',
        metadata: { status: 'ok', domain: new URL(url).host },
      },
    ]);
    expect(JSON.parse(lines.raw()[0] ?? '')).toMatchObject({ tool: 'probe/shop', error: 0 });
  });

  test.each([
    [500, undefined, 'unhealthy'],
    [404, undefined, 'unhealthy'],
    [401, 401, 'ok'],
    [200, 401, 'unhealthy'],
  ] as const)('that answers %s where %s is expected is %s', async (answered, status, expected) => {
    const url = await serve((_, response) => response.writeHead(answered).end());
    expect(await runOne({ kind: 'http', name: 'shop', url, status })).toMatchObject({ status: expected });
  });

  test('that redirects is not followed', async () => {
    let followed = false;
    const url = await serve((request, response) => {
      followed ||= request.url === '/login';
      response.writeHead(302, { location: '/login' }).end();
    });
    expect(await runOne({ kind: 'http', name: 'shop', url })).toMatchObject({
      status: 'unhealthy',
      failure: 'http_302',
      message: 'answers 302 instead of 200 to 299',
    });
    expect(followed).toBe(false);
  });

  test('that answers slowly is degraded, and one that never does fails in its time', async () => {
    const slow = await serve((_, response) => setTimeout(() => response.end(), 60));
    expect(await runOne({ kind: 'http', name: 'slow', url: slow, slowMs: 20 })).toMatchObject({ status: 'degraded' });
    const silent = await serve(() => {});
    expect(await runOne({ kind: 'http', name: 'silent', url: silent, timeoutSeconds: 1 })).toMatchObject({
      status: 'unhealthy',
      message: 'no answer within 1 s',
    });
    expect(lines.records().map(({ success, error_code, fault }) => [success, error_code, fault])).toEqual([
      [true, undefined, undefined],
      [false, 'TIMEOUT', 'dependency'],
    ]);
  });

  test('that refuses connections is unhealthy, and its line holds no address', async () => {
    const { url, close } = await listen(() => {});
    await close();
    const result = await runOne({ kind: 'http', name: 'gone', url: `${url}/secret-path` });
    expect(result).toMatchObject({ status: 'unhealthy', message: 'cannot be reached (ECONNREFUSED)' });
    expect(lines.raw().join('')).not.toContain('secret-path');
  });

  test('with a certificate that clients refuse is unhealthy', async () => {
    const port = await serveTls(await makeCertificate());
    expect(await runOne({ kind: 'http', name: 'self', url: `https://127.0.0.1:${port}` })).toMatchObject({
      status: 'unhealthy',
      failure: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });
});

describe('a certificate', () => {
  test('that has expired is unhealthy, with the day', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      notBeforeDate: new Date('2024-01-01'),
      notAfterDate: new Date('2024-02-01'),
    });
    const port = await serveTls({ key, cert });
    expect(await runOne({ kind: 'certificate', name: 'old', host: 'localhost', port })).toMatchObject({
      status: 'unhealthy',
      failure: 'CERT_HAS_EXPIRED',
      message: 'expired on 2024-02-01',
    });
  });

  test('that clients refuse is unhealthy', async () => {
    const port = await serveTls(await makeCertificate());
    expect(await runOne({ kind: 'certificate', name: 'self', host: '127.0.0.1', port })).toMatchObject({
      status: 'unhealthy',
      message: expect.stringContaining('clients refuse its certificate'),
    });
  });

  test('that clients trust is ok, with the days left', async () => {
    const certificate = await makeCertificate();
    const port = await serveTls(certificate);
    const folder = mkdtempSync(join(tmpdir(), 'toolwatch-ca-'));
    closing.push(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'ca.pem'), certificate.cert);
    const script = `import { checkCertificate } from './lambdas/checks/certificate.ts';
      const check = { host: 'localhost', port: ${port}, warnDays: 14, timeoutSeconds: 5 };
      console.log(JSON.stringify(await checkCertificate(check, Date.now())));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      { cwd: root, env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') } },
    );
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(/^\d+ days left, until /),
    });
  });

  test('of a host that speaks no TLS, or nothing at all, is unhealthy in its time', async () => {
    const silent = createTcpServer(() => {});
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    closing.push(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    const check = { kind: 'certificate', name: 'mute', host: '127.0.0.1', port, timeoutSeconds: 1 };
    expect(await runOne(check)).toMatchObject({ status: 'unhealthy', failure: 'timeout' });
    const http = await serve(() => {});
    expect(
      await runOne({ kind: 'certificate', name: 'plain', host: '127.0.0.1', port: Number(new URL(http).port) }),
    ).toMatchObject({ status: 'unhealthy' });
  });
});

test('a credential is degraded before it must be renewed, and unhealthy after', async () => {
  const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
  const statusAfter = async (days: number) =>
    (await runOne({ kind: 'credential', name: 'key', renewedOn: daysAgo(days), maxAgeDays: 90 }))?.status;
  expect([await statusAfter(10), await statusAfter(80), await statusAfter(91)]).toEqual([
    'ok',
    'degraded',
    'unhealthy',
  ]);
  expect(lines.records().at(-1)).toMatchObject({ success: false, error_type: 'too_old', fault: 'ours' });
});

test('whatever the time left, expiry follows from it alone', () => {
  fc.assert(
    fc.property(fc.integer({ min: -500, max: 500 }), fc.integer({ min: 0, max: 365 }), (days, warnDays) => {
      const { status } = evaluateExpiry(days * DAY_MS, 0, warnDays);
      expect(status === 'unhealthy').toBe(days <= 0);
      if (days > 0) expect(status).toBe(days < warnDays ? 'degraded' : 'ok');
    }),
  );
});

describe('a queue', () => {
  const limits = queueCheck.parse({ kind: 'queue', name: 'q', queue: 'orders' });

  test.each([
    [0, undefined, 'ok', '0 messages wait'],
    [500, 600, 'ok', '500 messages wait, the oldest for 10 min'],
    [501, 1, 'degraded', '501 messages wait, the oldest for 0 min'],
    [1, 601, 'degraded', '1 messages wait, the oldest for 10 min'],
    [1_001, 1, 'unhealthy', '1001 messages wait, the oldest for 0 min'],
  ] as const)('with %s messages, the oldest %s s old, is %s', (depth, age, status, message) => {
    expect(evaluateQueue({ depth, age }, limits)).toMatchObject({ status, message });
  });

  test.each([
    [{ warningDepth: 0 }, 0, 'ok'],
    [{ warningDepth: 0 }, 1, 'degraded'],
    [{ criticalDepth: 0 }, 0, 'ok'],
    [{ criticalDepth: 0 }, 1, 'unhealthy'],
  ] as const)('with the limits %o and %i messages is %s', (given, depth, status) => {
    expect(evaluateQueue({ depth, age: 1 }, { ...limits, ...given })).toMatchObject({ status });
  });

  test('without figures is unknown, and so is one whose figures cannot be read: no line claims anything', async () => {
    const cloudwatch = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"MetricDataResults":[]}'),
    );
    unknowns.length = 0;
    expect(await runOne({ kind: 'queue', name: 'idle', queue: 'orders' }, cloudwatch)).toMatchObject({
      status: 'unknown',
    });
    expect(await runOne({ kind: 'queue', name: 'broken', queue: 'orders' })).toMatchObject({ status: 'unknown' });
    expect(unknowns.map(([name]) => name)).toEqual(['idle', 'broken']);
    expect(lines.records()).toEqual([]);
  });
});

test('checks run side by side: each waits for the others', async () => {
  const waiting: (() => void)[] = [];
  const url = await serve((_, response) => {
    waiting.push(() => response.end());
    if (waiting.length === 3) for (const answer of waiting) answer();
  });
  const results = await run(['a', 'b', 'c'].map((name) => declare({ kind: 'http', name, url })));
  expect(results.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
});
