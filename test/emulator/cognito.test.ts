import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRealClock } from '../../emulator/clock.ts';
import { listen } from '../support/http-server.ts';
import { startSmallCloud } from '../support/small-cloud.ts';
import { aMachine, anOperator, aPublicClient, aUserPool } from '../support/user-pool.ts';

const CALLBACK = 'https://page.example.com/';
const VERIFIER = 'a-verifier-that-is-long-enough-for-the-specification';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

let minutesAhead = 0;
const clock = { ...createRealClock(), now: () => Date.now() + minutesAhead * 60_000 };
let cloud: Awaited<ReturnType<typeof startSmallCloud>>;
let server: Awaited<ReturnType<typeof listen>>;
const ids: Record<string, string> = {};
/** Below it are the issuer and its pages. */
let base = '';

beforeAll(async () => {
  cloud = await startSmallCloud({
    clock,
    signInUrl: 'http://localhost/local/cognito',
    resources: {
      ...aUserPool(),
      ...anOperator('Olga@example.com'),
      Page: aPublicClient(CALLBACK),
      Other: aPublicClient('https://other.example.com/', {
        RefreshTokenRotation: undefined,
        ExplicitAuthFlows: undefined,
      }),
      Machine: aMachine(['shop/metrics', 'shop/read']),
    },
    outputs: Object.fromEntries(['Pool', 'Page', 'Other', 'Machine'].map((id) => [id, { Value: { Ref: id } }])),
  });
  Object.assign(ids, cloud.outputs);
  server = await listen((request, response) => void cloud.cognito.serve(request, response));
  base = `${server.url}/local/cognito`;
});
afterAll(async () => {
  await server?.close();
  await cloud?.stop();
});

/** What a form or a query has of these fields: those that are stated. */
const toForm = (fields: Record<string, string | undefined>): URLSearchParams =>
  new URLSearchParams(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined));

const authorizationOf = (changed: Record<string, string | undefined> = {}): URLSearchParams =>
  toForm({
    client_id: ids.Page,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid email shop/read',
    state: 'a-state',
    nonce: 'a-nonce',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changed,
  });
const authorize = (changed: Record<string, string | undefined> = {}, headers: Record<string, string> = {}) =>
  fetch(`${base}/people-1/oauth2/authorize?${authorizationOf(changed)}`, { redirect: 'manual', headers });
/** Signs in on the page, and returns where the browser is sent, and with which cookie. */
const signIn = async (changed: Record<string, string | undefined> = {}, username = 'olga@example.com') => {
  const answer = await fetch(`${base}/people-1/login?${authorizationOf(changed)}`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ username }),
  });
  return {
    location: new URL(answer.headers.get('location') ?? 'none:'),
    cookie: answer.headers.get('set-cookie') ?? '',
  };
};
const codeOf = async (changed: Record<string, string | undefined> = {}): Promise<string> =>
  (await signIn(changed)).location.searchParams.get('code') ?? '';

const post = async (path: string, form: Record<string, string | undefined>, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${base}/people-1${path}`, { method: 'POST', headers, body: toForm(form) });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) };
};
const redemptionOf = (code: string) => ({
  grant_type: 'authorization_code',
  client_id: ids.Page,
  code,
  redirect_uri: CALLBACK,
  code_verifier: VERIFIER,
});
const redeem = (code: string, changed: Record<string, string | undefined> = {}) =>
  post('/oauth2/token', { ...redemptionOf(code), ...changed });
const refresh = (refresh_token: string, client_id = ids.Page) =>
  post('/oauth2/token', { grant_type: 'refresh_token', refresh_token, client_id });
const INVALID_GRANT = { status: 400, body: { error: 'invalid_grant' } };

describe('a person who signs in', () => {
  test('is sent back with a code and the state, and the client gets tokens as Cognito makes them', async () => {
    const { location } = await signIn();
    expect(location.origin + location.pathname).toBe(CALLBACK);
    expect(location.searchParams.get('state')).toBe('a-state');
    const { status, body } = await redeem(location.searchParams.get('code') ?? '');
    expect([status, body.token_type, body.expires_in]).toEqual([200, 'Bearer', 900]);
    const access = decodeJwt(body.access_token);
    expect(access).toMatchObject({
      iss: `http://localhost/local/cognito/${ids.Pool}`,
      client_id: ids.Page,
      token_use: 'access',
      scope: 'openid email shop/read',
      'cognito:groups': ['operators'],
    });
    expect(access.aud).toBeUndefined();
    expect(decodeJwt(body.id_token)).toMatchObject({ aud: ids.Page, nonce: 'a-nonce', email: 'Olga@example.com' });
  });

  test('need not sign in again in the same browser until they sign out', async () => {
    expect((await authorize()).headers.get('location')).toContain('/people-1/login?');
    const cookie = (await signIn()).cookie.split(';')[0] ?? '';
    expect((await authorize({}, { cookie })).headers.get('location')).toContain(`${CALLBACK}?code=`);
    expect((await authorize({ prompt: 'login' }, { cookie })).headers.get('location')).toContain('/people-1/login?');
    const leave = new URLSearchParams({ client_id: ids.Page ?? '', logout_uri: CALLBACK });
    const left = await fetch(`${base}/people-1/logout?${leave}`, { redirect: 'manual', headers: { cookie } });
    expect(left.headers.get('location')).toBe(CALLBACK);
    expect((await authorize({}, { cookie })).headers.get('location')).toContain('/people-1/login?');
  });

  test('for an API that the client names gets a token for it', async () => {
    const resource = 'https://api.example.com/mcp';
    const { body } = await redeem(await codeOf({ resource }));
    expect(decodeJwt(body.access_token).aud).toBe(resource);
  });
});

describe('the page for signing in leads nowhere', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['an unknown client', { client_id: 'unknown' }],
    ['another site', { redirect_uri: 'https://evil.example/' }],
    ['another path of the site', { redirect_uri: `${CALLBACK}evil` }],
    ['no address', { redirect_uri: undefined }],
    ['the callback with a fragment', { redirect_uri: `${CALLBACK}#x` }],
    ['a name that begins alike', { redirect_uri: 'https://page.example.com.evil.example/' }],
  ])('for %s', async (_, changed) => {
    for (const answer of [
      await authorize(changed),
      await fetch(`${base}/people-1/login?${authorizationOf(changed)}`),
    ]) {
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
      expect(await answer.text()).not.toContain('<a ');
    }
  });

  test('for any address that is not registered', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.webUrl(), fc.string()), async (redirect_uri) => {
        fc.pre(redirect_uri !== CALLBACK);
        const answer = await authorize({ redirect_uri });
        expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
      }),
      { numRuns: 50 },
    );
  });

  test('after signing out, for an address that is not registered', async () => {
    const leave = new URLSearchParams({ client_id: ids.Page ?? '', logout_uri: 'https://evil.example/' });
    const answer = await fetch(`${base}/people-1/logout?${leave}`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
  });
});

test.each<[string, Record<string, string | undefined>, string]>([
  ['a scope that the client does not have', { scope: 'openid shop/operate' }, 'invalid_scope'],
  ['a token instead of a code', { response_type: 'token' }, 'unsupported_response_type'],
  ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['a challenge of no method', { code_challenge_method: undefined }, 'invalid_request'],
  ['a resource that is no address', { resource: 'shop' }, 'invalid_request'],
])('a request for %s is answered to the client with an error', async (_, changed, error) => {
  const location = new URL((await authorize(changed)).headers.get('location') ?? '');
  expect(location.origin + location.pathname).toBe(CALLBACK);
  expect(Object.fromEntries(location.searchParams)).toEqual({ error, state: 'a-state' });
});

describe('a code', () => {
  test('is accepted once', async () => {
    const code = await codeOf();
    expect((await redeem(code)).status).toBe(200);
    expect(await redeem(code)).toEqual(INVALID_GRANT);
  });

  test('is accepted for five minutes', async () => {
    const code = await codeOf();
    minutesAhead += 6;
    expect(await redeem(code)).toEqual(INVALID_GRANT);
  });

  test('is accepted with exactly what it was given for, and never after a wrong try', async () => {
    const fields = ['code', 'code_verifier', 'redirect_uri', 'client_id'] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), fc.string(), async (field, value) => {
        const code = await codeOf();
        fc.pre(value !== redemptionOf(code)[field]);
        expect((await redeem(code, { [field]: value })).status).toBe(400);
        const isSpent = field !== 'code' && field !== 'client_id';
        expect((await redeem(code)).status).toBe(isSpent ? 400 : 200);
      }),
      { numRuns: 40 },
    );
  });

  test('with a challenge is not accepted without a verifier, and one without a challenge not with one', async () => {
    expect((await redeem(await codeOf(), { code_verifier: undefined })).status).toBe(400);
    const without = { code_challenge: undefined, code_challenge_method: undefined };
    expect((await redeem(await codeOf(without))).status).toBe(400);
    expect((await redeem(await codeOf(without), { code_verifier: undefined })).status).toBe(200);
  });

  test('of one client is not accepted from another', async () => {
    expect((await redeem(await codeOf(), { client_id: ids.Other })).body).toEqual({ error: 'invalid_grant' });
  });
});

describe('a refresh token', () => {
  const start = async (): Promise<string> => (await redeem(await codeOf())).body.refresh_token;

  test('is exchanged for another, and the old one is accepted for ten seconds only', async () => {
    const first = await start();
    const { status, body } = await refresh(first);
    expect([status, body.refresh_token === first]).toEqual([200, false]);
    expect((await refresh(first)).status).toBe(200);
    minutesAhead += 1;
    expect(await refresh(first)).toEqual(INVALID_GRANT);
    expect((await refresh(body.refresh_token)).status).toBe(200);
  });

  test('ends when the first one of the sign-in would have', async () => {
    let token = await start();
    minutesAhead += 11 * 60;
    token = (await refresh(token)).body.refresh_token;
    minutesAhead += 2 * 60;
    expect(await refresh(token)).toEqual(INVALID_GRANT);
  });

  test('stays the same for a client without rotation', async () => {
    const redirect_uri = 'https://other.example.com/';
    const code = await codeOf({ client_id: ids.Other, redirect_uri });
    const { refresh_token } = (await redeem(code, { client_id: ids.Other, redirect_uri })).body;
    expect((await refresh(refresh_token, ids.Other)).body.refresh_token).toBeUndefined();
    expect((await refresh(refresh_token, ids.Other)).status).toBe(200);
  });

  test('of one client is not accepted from another, and cannot be revoked by it', async () => {
    const token = await start();
    expect(await refresh(token, ids.Other)).toEqual(INVALID_GRANT);
    expect((await post('/oauth2/revoke', { token, client_id: ids.Other })).status).toBe(200);
    expect((await refresh(token)).status).toBe(200);
  });

  test('that is revoked takes those with it that were issued in its place', async () => {
    const first = await start();
    const second = (await refresh(first)).body.refresh_token;
    expect((await post('/oauth2/revoke', { token: first, client_id: ids.Page })).status).toBe(200);
    expect(await refresh(second)).toEqual(INVALID_GRANT);
  });
});

describe('a machine', () => {
  const secret = () => cloud.cognito.secretOf(ids.Pool ?? '', ids.Machine ?? '') ?? '';
  const basic = (password: string) => ({
    authorization: `Basic ${Buffer.from(`${ids.Machine}:${password}`).toString('base64')}`,
  });
  const ask = (headers: Record<string, string>, form: Record<string, string> = {}) =>
    post('/oauth2/token', { grant_type: 'client_credentials', ...form }, headers);

  test('gets a token with what it may do, or with the part that it asks for', async () => {
    const { status, body } = await ask(basic(secret()));
    expect(status).toBe(200);
    expect(body.refresh_token).toBeUndefined();
    expect(decodeJwt(body.access_token)).toMatchObject({ client_id: ids.Machine, scope: 'shop/metrics shop/read' });
    const part = await ask({}, { client_id: ids.Machine ?? '', client_secret: secret(), scope: 'shop/metrics' });
    expect(decodeJwt(part.body.access_token).scope).toBe('shop/metrics');
  });

  test.each<[string, () => ReturnType<typeof ask>, string]>([
    ['a wrong secret', () => ask(basic('wrong')), 'invalid_client'],
    ['no secret', () => ask({}, { client_id: ids.Machine ?? '' }), 'invalid_client'],
    ['another’s right', () => ask(basic(secret()), { scope: 'shop/operate' }), 'invalid_scope'],
    ['a page’s id', () => ask({}, { client_id: ids.Page ?? '' }), 'unauthorized_client'],
    ['an unknown grant', () => ask(basic(secret()), { grant_type: 'password' }), 'unsupported_grant_type'],
  ])('with %s gets none', async (_, request, error) => {
    expect(await request()).toMatchObject({ status: 400, body: { error } });
  });

  test('whose request is no form gets none', async () => {
    const answer = await fetch(`${base}/people-1/oauth2/token`, {
      method: 'POST',
      headers: { ...basic(secret()), 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'client_credentials' }),
    });
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_request' }]);
  });
});

describe('a template is refused as in AWS', () => {
  const people = aUserPool();
  const withClient = (Page: object) => ({ ...people, Page });

  test.each<[string, Record<string, object>, RegExp]>([
    ['a callback without TLS', withClient(aPublicClient('http://page.example.com/')), /not allowed as a callback/],
    [
      'a callback with a fragment',
      withClient(aPublicClient('https://page.example.com/#x')),
      /not allowed as a callback/,
    ],
    [
      'an address like that of this machine',
      withClient(aPublicClient('http://localhost.evil.example/')),
      /not allowed/,
    ],
    [
      'a scope that no resource server has',
      withClient(aPublicClient(CALLBACK, { AllowedOAuthScopes: ['shop/unknown'] })),
      /Invalid scope requested: shop\/unknown/,
    ],
    [
      'rotation beside the flow that excludes it',
      withClient(aPublicClient(CALLBACK, { ExplicitAuthFlows: undefined })),
      /rotation cannot be enabled together with ALLOW_REFRESH_TOKEN_AUTH/,
    ],
    [
      'a token that lives for a minute',
      withClient(aPublicClient(CALLBACK, { AccessTokenValidity: 1 })),
      /from five minutes to a day/,
    ],
    ['a machine without a secret', withClient(aMachine(['shop/read'], { GenerateSecret: false })), /client secret/],
    ['a machine with a person’s scope', withClient(aMachine(['openid'])), /scopes of resource servers only/],
    [
      'a reserved word in a domain',
      {
        ...people,
        Domain: { Type: 'AWS::Cognito::UserPoolDomain', Properties: { UserPoolId: { Ref: 'Pool' }, Domain: 'paws-1' } },
      },
      /reserved word/,
    ],
    [
      'a domain that another pool has',
      {
        ...people,
        Second: people.Pool,
        Again: {
          Type: 'AWS::Cognito::UserPoolDomain',
          DependsOn: ['Domain'],
          Properties: { UserPoolId: { Ref: 'Second' }, Domain: 'people-1' },
        },
      },
      /people-1 already exists/,
    ],
    ['a second factor without any', aUserPool({ MfaConfiguration: 'ON' }), /no second factor is enabled/],
    [
      'people who sign up',
      aUserPool({ AdminCreateUserConfig: { AllowAdminCreateUserOnly: false } }),
      /nobody signs up/,
    ],
    ['a property that does nothing here', aUserPool({ LambdaConfig: {} }), /LambdaConfig/],
  ])('with %s', async (_, resources, message) => {
    const started = startSmallCloud({ resources: resources as Record<string, object> });
    await expect(started).rejects.toThrow(message);
  });
});
