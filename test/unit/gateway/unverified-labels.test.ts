import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CALL_CONTEXT_KEY, callContext } from '../../../lambdas/contract/call-context.ts';
import { readUnverifiedLabels } from '../../../lambdas/front-door/unverified-token.ts';
import { aRequest } from '../../support/a-request.ts';
import { createCanaries } from '../../support/canaries.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { gatewayRig } from '../../support/gateway-rig.ts';

/** Behind a Function URL, where nothing verifies tokens, with the setting that lets them label calls. */
const rig = gatewayRig({
  UNVERIFIED_TOKENS: 'on',
  SOURCE_GPT_CLAIM: 'gpt',
  TOOLWATCH_TENANTS: 'on',
  REQUEST_LINES: 'all',
  TOOLWATCH_USER_HASH_KEY: '',
});
const lines = captureLines();

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenOf = (payload: unknown, signature = 'c2lnbmF0dXJl') =>
  `Bearer ${encode({ alg: 'none' })}.${encode(payload)}.${signature}`;
const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'order_status', arguments: {} } };
const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const CONTEXT = { awsRequestId: 'r', getRemainingTimeInMillis: () => 28_000 };
const requestWith = (headers: Record<string, string>, body: object = CALL) =>
  aRequest({ method: 'POST', path: '/mcp', headers: { ...HEADERS, ...headers }, body });
const send = async (headers: Record<string, string>, body?: object) => {
  lines.clear();
  await rig.handle(requestWith(headers, body));
  return lines.records().at(-1);
};
const ann = { sub: 'ann', gpt: 'shop-helper', azp: 'a-desktop-app' };
const UNVERIFIED = ['user_id', 'source_gpt', 'client_name'];

describe('a token that nothing verified', () => {
  test.each(['authorization', 'x-forwarded-authorization'])(
    'in %s labels the call, and its line says so',
    async (name) => {
      expect(await send({ [name]: tokenOf(ann) })).toMatchObject({
        kind: 'tool',
        user_id: 'ann',
        source_gpt: 'shop-helper',
        client_name: 'a-desktop-app',
        tenant_id: 'default',
        metadata: { unverified: UNVERIFIED },
      });
    },
  );

  test('is read beside the signature of IAM, which is in authorization', async () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=AKIA/20261120/eu-central-1/lambda/aws4_request, Signature=0a';
    expect(await send({ authorization, 'x-forwarded-authorization': tokenOf(ann) })).toMatchObject({ user_id: 'ann' });
    expect(await send({ authorization })).not.toHaveProperty('user_id');
  });

  test('labels requests that are no call, refusals and unknown tools as well', async () => {
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const unknown = { ...CALL, params: { name: 'no_such_tool' } };
    for (const body of [list, { ...list, method: 'tools/destroy' }, unknown]) {
      expect(await send({ authorization: tokenOf(ann) }, body)).toMatchObject({
        user_id: 'ann',
        metadata: { unverified: UNVERIFIED },
      });
    }
  });

  test('does not name the client where the client names itself', async () => {
    const client = await rig.client('2026-07-28', { authorization: tokenOf(ann) });
    lines.clear();
    await client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' } });
    expect(lines.records()).toMatchObject([
      { user_id: 'ann', client_name: 'test-client', metadata: { unverified: ['user_id', 'source_gpt'] } },
    ]);
    await client.close();
  });

  test('gives nobody a tenant, a scope or a right, whatever it claims', async () => {
    const rights = fc.constantFrom('tenant', 'tenant_id', 'x-tenant-id', 'scope', 'scp', 'role', 'aud', 'iss');
    const claims = fc.dictionary(rights, fc.oneof(fc.constantFrom('acme', '*', 'toolwatch.operate'), fc.jsonValue()));
    await fc.assert(
      fc.asyncProperty(claims, async (more) => {
        const record = await send({ authorization: tokenOf({ ...more, ...ann }) });
        expect(record).toMatchObject({ tenant_id: 'default', user_id: 'ann' });
        const sent = callContext.parse(JSON.parse(rig.invoked().at(-1)?.clientContext.custom[CALL_CONTEXT_KEY] ?? ''));
        expect(sent).not.toHaveProperty('tenant_id');
      }),
      { numRuns: 50 },
    );
    expect(await send({ authorization: tokenOf({ ...ann, tenant: 'acme' }), 'x-tenant-id': 'globex' })).toMatchObject({
      tenant_id: 'globex',
    });
  });

  test('means nothing without the setting, or where the front door verifies tokens', async () => {
    for (const environment of [
      { UNVERIFIED_TOKENS: undefined as unknown as string },
      { JWT_ISSUER: 'https://issuer.example.com', TOOLWATCH_TENANTS: 'off' },
    ]) {
      lines.clear();
      await rig.create(environment)(requestWith({ authorization: tokenOf(ann) }), CONTEXT);
      expect(lines.records()).toHaveLength(1);
      expect(lines.raw().join()).not.toMatch(/ann|unverified|shop-helper/);
    }
  });

  test('beside claims that are verified changes nothing of them', async () => {
    lines.clear();
    const gateway = rig.create({ JWT_ISSUER: 'https://issuer.example.com', TOOLWATCH_TENANTS: 'off' });
    const claims = { sub: 'olga', gpt: 'verified-gpt' };
    const request = aRequest({
      method: 'POST',
      path: '/mcp',
      headers: { ...HEADERS, 'x-forwarded-authorization': tokenOf(ann) },
      claims,
      payload: claims,
      body: CALL,
    });
    await gateway(request, CONTEXT);
    expect(lines.records()).toMatchObject([{ user_id: 'olga', source_gpt: 'verified-gpt' }]);
    expect(lines.records()[0]?.metadata ?? {}).not.toHaveProperty('unverified');
  });
});

describe('whatever stands where a token is expected', () => {
  const claim = fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), fc.jsonValue());
  const token = fc.oneof(
    fc.record({ sub: claim, gpt: claim, azp: claim, client_id: claim }, { requiredKeys: [] }).map((it) => tokenOf(it)),
    fc.jsonValue().map((payload) => tokenOf(payload)),
    fc.string({ unit: 'binary' }).map((text) => `Bearer a.${Buffer.from(text).toString('base64url')}.c`),
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc.constantFrom(
      'Bearer',
      'Bearer ',
      'Bearer ..',
      'Bearer a.b',
      'Bearer a.b.c.d',
      `Bearer ${'a'.repeat(9_000)}.b.c`,
    ),
  );

  test('labels are texts, and the call is answered and recorded', async () => {
    await fc.assert(
      fc.asyncProperty(token, async (authorization) => {
        const labels = readUnverifiedLabels(aRequest({ headers: { authorization } }), 'gpt');
        for (const label of labels.unverified ?? []) expect(labels[label]).toEqual(expect.any(String));
        expect(Buffer.byteLength(labels.user_id ?? '')).toBeLessThanOrEqual(256);
        expect(await send({ authorization })).toMatchObject({ kind: 'tool', tenant_id: 'default' });
        expect(lines.records()).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  test('no token and no secret in its claims is ever written', async () => {
    for (const secret of createCanaries('c4n4ryc4n4ry')) {
      const authorization = tokenOf({ sub: secret, gpt: secret, azp: secret }, 'c4n4rysignature');
      await send({ authorization });
      const written = lines.raw().join();
      expect(written).not.toContain('c4n4ry');
      expect(written).not.toContain(authorization.slice(7, 60));
    }
  });
});
