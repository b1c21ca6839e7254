import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DIRECT } from '../../../lambdas/contract/direct-request.ts';
import type { FrontDoorEnv } from '../../../lambdas/contract/env/front-door.ts';
import { identityOf, isFromOperator, mayReadMetrics } from '../../../lambdas/front-door/identity.ts';
import { aRequest } from '../../support/a-request.ts';

const TENANT_CLAIM = 'https://example.com/tenant';
const acmeHeader = { 'x-tenant-id': 'acme' };
const JWT: FrontDoorEnv = {
  TOOLWATCH_TENANTS: 'on',
  JWT_ISSUER: 'https://issuer.example.com',
  JWT_TENANT_CLAIM: TENANT_CLAIM,
  JWT_OPERATOR_SCOPE: 'toolwatch.operate',
};
const acmeClaims = { sub: 'ann', [TENANT_CLAIM]: 'acme' };
const statusOf = (identity: ReturnType<typeof identityOf>) =>
  'refused' in identity ? identity.refused.status : identity;

describe('behind IAM', () => {
  const on: FrontDoorEnv = { TOOLWATCH_TENANTS: 'on' };
  const off: FrontDoorEnv = { TOOLWATCH_TENANTS: 'off' };

  test('a header names the tenant, and without it the sender is the operator', () => {
    expect(identityOf(aRequest({ headers: acmeHeader }), on)).toEqual({ tenant_id: 'acme' });
    expect(identityOf(aRequest(), on)).toEqual({});
    expect(identityOf(aRequest({ headers: { 'x-tenant-id': 'default' } }), on)).toEqual({ tenant_id: 'default' });
  });

  test.each(['*', '', 'a b', 'null', 'x'.repeat(129)])('"%s" is not a valid tenant', (name) => {
    expect(statusOf(identityOf(aRequest({ headers: { 'x-tenant-id': name } }), on))).toBe(400);
  });

  test('a deployment without tenants refuses the header, and needs none', () => {
    expect(statusOf(identityOf(aRequest({ headers: acmeHeader }), off))).toBe(400);
    expect(identityOf(aRequest(), off)).toEqual({});
  });

  test('claims are ignored where no issuer is configured', () => {
    expect(identityOf(aRequest({ claims: acmeClaims }), on)).toEqual({});
  });
});

describe('behind a JWT authorizer', () => {
  test('user and tenant come from the claims', () => {
    expect(identityOf(aRequest({ claims: acmeClaims }), JWT)).toEqual({ tenant_id: 'acme', user_id: 'ann' });
  });

  test('a header may repeat the claim’s tenant, and any other is refused', () => {
    expect(identityOf(aRequest({ claims: acmeClaims, headers: acmeHeader }), JWT)).toMatchObject({ tenant_id: 'acme' });
    expect(statusOf(identityOf(aRequest({ claims: acmeClaims, headers: { 'x-tenant-id': 'other' } }), JWT))).toBe(403);
  });

  test.each([
    undefined,
    '*',
    '[a b]',
    '',
    ' ',
    'a b',
    'acme\u0000',
    'acme\n',
    'default',
    'Default',
    'null',
    'NULL',
    'undefined',
    'true',
    'false',
    'x'.repeat(129),
    'x'.repeat(600),
    'ümlaut',
    'a,b',
  ])('a token whose tenant is %j names no valid tenant and is refused', (tenant) => {
    const claims = { sub: 'ann', ...(tenant !== undefined && { [TENANT_CLAIM]: tenant }) };
    expect(statusOf(identityOf(aRequest({ claims }), JWT))).toBe(403);
    expect(statusOf(identityOf(aRequest({ claims, payload: claims }), JWT))).toBe(403);
  });

  test.each(['acme@example.com', 'a+eu@example.com', '4111111111111111', '42', 'sk-live_0123456789abcdef', 'tokens:x'])(
    'the tenant %s is a text in the token and stays as it is',
    (tenant) => {
      const claims = { sub: 'ann', [TENANT_CLAIM]: tenant };
      expect(identityOf(aRequest({ claims, payload: claims }), JWT)).toEqual({ tenant_id: tenant, user_id: 'ann' });
    },
  );

  test.each<[string, unknown]>([
    ['42', 42],
    ['42', ['42']],
    ['true', true],
    ['null', null],
    ['4111111111111111', 4_111_111_111_111_111],
    ['{"id":"acme"}', { id: 'acme' }],
    ['acme', 'globex'],
    ['acme', undefined],
  ])('the text %s of API Gateway is no tenant when the token’s claim is %j', (text, claim) => {
    const given = { claims: { [TENANT_CLAIM]: text }, payload: { [TENANT_CLAIM]: claim } };
    expect(statusOf(identityOf(aRequest(given), JWT))).toBe(403);
  });

  test('a claim that may have been a number is no tenant where the token cannot be read', () => {
    for (const text of ['42', '-1', '1.5e+9'])
      expect(statusOf(identityOf(aRequest({ claims: { [TENANT_CLAIM]: text } }), JWT))).toBe(403);
  });

  test('any text is a tenant in full or is refused, and never becomes another one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.jsonValue()), (claim) => {
        const claims = { [TENANT_CLAIM]: typeof claim === 'string' ? claim : JSON.stringify(claim) };
        const identity = identityOf(aRequest({ claims, payload: { [TENANT_CLAIM]: claim } }), JWT);
        if ('refused' in identity) expect(identity.refused.status).toBe(403);
        else expect(identity.tenant_id).toBe(claim);
      }),
    );
  });

  test('the authorizer’s list of scopes makes the operator, and a header cannot narrow it', () => {
    const given = { claims: acmeClaims, scopes: ['openid', 'toolwatch.operate'] };
    expect(identityOf(aRequest(given), JWT)).toEqual({ user_id: 'ann' });
    expect(statusOf(identityOf(aRequest({ ...given, headers: acmeHeader }), JWT))).toBe(403);
  });

  test.each<[Record<string, string>, string[] | undefined]>([
    [{ scope: 'tools.call x,toolwatch.operate' }, ['tools.call', 'x,toolwatch.operate']],
    [{ scope: '[tools.call x toolwatch.operate]' }, ['tools.call', 'x toolwatch.operate']],
    [{ scp: '[toolwatch.operate]', scope: 'tools.call' }, ['tools.call']],
    [{ scope: 'tools.call toolwatch.operate' }, undefined],
    [{ scope: 'toolwatch.operate.not' }, ['toolwatch.operate.not']],
    [{ scope: 'TOOLWATCH.OPERATE' }, ['TOOLWATCH.OPERATE']],
  ])('no claim makes the operator by itself: %j', (more, scopes) => {
    const claims = { ...acmeClaims, ...more };
    expect(identityOf(aRequest({ claims, ...(scopes && { scopes }) }), JWT)).toMatchObject({ tenant_id: 'acme' });
  });

  test('two long ids of users stay two, and a subject that is not text is none', () => {
    const userOf = (claims: Record<string, string>, payload: object = claims) => {
      const tenant = { [TENANT_CLAIM]: 'acme' };
      const identity = identityOf(
        aRequest({ claims: { ...tenant, ...claims }, payload: { ...tenant, ...payload } }),
        JWT,
      );
      return 'refused' in identity ? identity : identity.user_id;
    };
    const [one, other] = ['1', '2'].map((end) => userOf({ sub: `${'x'.repeat(300)}${end}` }));
    expect(one).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(one).not.toBe(other);
    expect(userOf({ sub: '42', client_id: 'a-machine' }, { sub: 42, client_id: 'a-machine' })).toBe('a-machine');
  });

  test('without a verified token a request is refused, whatever its headers say', () => {
    expect(statusOf(identityOf(aRequest({ headers: acmeHeader }), JWT))).toBe(401);
  });

  test('a direct invocation, admitted by IAM, names a tenant by the header', () => {
    expect(identityOf(aRequest({ apiId: DIRECT, headers: acmeHeader }), JWT)).toEqual({ tenant_id: 'acme' });
    expect(identityOf(aRequest({ apiId: DIRECT }), JWT)).toEqual({});
    expect(identityOf(aRequest({ apiId: DIRECT, headers: { 'x-tenant-id': 'default' } }), JWT)).toEqual({
      tenant_id: 'default',
    });
  });

  test('a machine is identified by its client id, and belongs to no tenant where there are none', () => {
    const { JWT_ISSUER } = { JWT_ISSUER: 'https://issuer.example.com' };
    const claims = { client_id: 'a-machine' };
    expect(identityOf(aRequest({ claims }), { TOOLWATCH_TENANTS: 'off', JWT_ISSUER })).toEqual({
      user_id: 'a-machine',
    });
  });
});

describe('behind the stack’s own issuer', () => {
  const own: FrontDoorEnv = {
    TOOLWATCH_TENANTS: 'on',
    JWT_ISSUER: 'https://issuer.example.com',
    JWT_OPERATOR_SCOPE: 'shop/operate',
    JWT_METRICS_SCOPE: 'shop/metrics',
    JWT_GROUPS_CLAIM: 'cognito:groups',
  };
  /** A request with a person's token, whose claims API Gateway passes on as text. */
  const withGroups = (groups: unknown, text = Array.isArray(groups) ? `[${groups.join(' ')}]` : String(groups)) =>
    aRequest({
      claims: { sub: 'ann', 'cognito:groups': text },
      scopes: ['shop/read'],
      payload: { sub: 'ann', 'cognito:groups': groups },
    });

  test('the group of operators makes the operator', () => {
    expect(identityOf(withGroups(['tenant:acme', 'operators']), own)).toEqual({ user_id: 'ann' });
    expect(isFromOperator(withGroups(['operators']), own)).toBe(true);
    expect(isFromOperator(withGroups(['tenant:acme']), own)).toBe(false);
  });

  test('a group names the tenant of everybody else', () => {
    const identity = { user_id: 'ann', tenant_id: 'acme' };
    expect(identityOf(withGroups(['shifts', 'tenant:acme']), own)).toEqual(identity);
    const asked = withGroups(['tenant:acme']);
    const globex = { ...asked, headers: { ...asked.headers, 'x-tenant-id': 'globex' } };
    expect(statusOf(identityOf(globex, own))).toBe(403);
  });

  test.each([
    [[]],
    [['shifts']],
    [['tenant:']],
    [['tenant:*']],
    [['tenant:default']],
    [['tenant:acme', 'tenant:globex']],
  ])('groups %j name no tenant', (groups) => {
    expect(statusOf(identityOf(withGroups(groups), own))).toBe(403);
  });

  test.each<[string, unknown, string | undefined]>([
    ['text', 'operators', undefined],
    ['text that looks like a list', '[operators]', undefined],
    ['a list with something else in it', ['operators', 1], undefined],
    ['a list inside a name', ['x operators y'], undefined],
    ['a list that API Gateway did not see', ['operators'], '[tenant:acme]'],
    ['an object', { operators: true }, undefined],
  ])('%s makes nobody the operator', (_, groups, text) => {
    expect(isFromOperator(withGroups(groups, text), own)).toBe(false);
    expect(statusOf(identityOf(withGroups(groups, text), own))).toBe(403);
  });

  test('whatever the groups are, only their exact name makes the operator', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('operators', 'Operators', ' operators'))),
        (groups) => {
          expect(isFromOperator(withGroups(groups), own)).toBe(groups.includes('operators'));
        },
      ),
    );
  });

  test('a token for the metrics reads them, and is nobody’s anywhere else, with tenants and without', () => {
    const scrape = aRequest({ claims: { client_id: 'prometheus' }, scopes: ['shop/metrics'] });
    for (const env of [own, { ...own, TOOLWATCH_TENANTS: 'off' } as const]) {
      expect(mayReadMetrics(scrape, env)).toBe(true);
      expect(statusOf(identityOf(scrape, env))).toBe(403);
      expect(isFromOperator(scrape, env)).toBe(false);
    }
    for (const scopes of [['shop/read'], ['shop/metrics2'], []]) {
      expect(mayReadMetrics(aRequest({ claims: { sub: 'ann' }, scopes }), own)).toBe(false);
    }
  });
});
