import { describe, expect, test } from 'vitest';
import { DIRECT } from '../../../lambdas/contract/direct-request.ts';
import type { FrontDoorEnv } from '../../../lambdas/contract/env.ts';
import { identityOf } from '../../../lambdas/front-door/identity.ts';
import { aRequest } from '../../support/a-request.ts';

const acmeHeader = { 'x-tenant-id': 'acme' };
const JWT: FrontDoorEnv = {
  TOOLWATCH_TENANTS: 'on',
  JWT_ISSUER: 'https://issuer.example.com',
  JWT_TENANT_CLAIM: 'https://example.com/tenant',
  JWT_OPERATOR_SCOPE: 'toolwatch.operate',
};
const acmeClaims = { sub: 'ann', 'https://example.com/tenant': 'acme' };
const statusOf = (identity: ReturnType<typeof identityOf>) =>
  'refused' in identity ? identity.refused.status : identity;

describe('behind IAM', () => {
  const on: FrontDoorEnv = { TOOLWATCH_TENANTS: 'on' };
  const off: FrontDoorEnv = { TOOLWATCH_TENANTS: 'off' };

  test('a header names the tenant, and without it the sender is the operator', () => {
    expect(identityOf(aRequest({ headers: acmeHeader }), on)).toEqual({ tenant_id: 'acme' });
    expect(identityOf(aRequest(), on)).toEqual({});
  });

  test.each(['*', '', 'a b', 'x'.repeat(129)])('"%s" is not a valid tenant', (name) => {
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

  test.each([{}, { 'https://example.com/tenant': '*' }, { 'https://example.com/tenant': '[a b]' }])(
    'a token with the claims %j names no valid tenant and is refused',
    (claims) => {
      expect(statusOf(identityOf(aRequest({ claims: { sub: 'ann', ...claims } }), JWT))).toBe(403);
    },
  );

  test.each([{ scope: 'openid toolwatch.operate' }, { scp: '[openid toolwatch.operate]' }])(
    'a token with %j is the operator’s, and a header cannot narrow it',
    (scopes) => {
      const claims = { ...acmeClaims, ...scopes };
      expect(identityOf(aRequest({ claims }), JWT)).toEqual({ user_id: 'ann' });
      expect(statusOf(identityOf(aRequest({ claims, headers: acmeHeader }), JWT))).toBe(403);
    },
  );

  test('a scope that only starts with the operator’s scope is not enough', () => {
    const claims = { ...acmeClaims, scope: 'toolwatch.operate.not' };
    expect(identityOf(aRequest({ claims }), JWT)).toMatchObject({ tenant_id: 'acme' });
  });

  test('without a verified token a request is refused, whatever its headers say', () => {
    expect(statusOf(identityOf(aRequest({ headers: acmeHeader }), JWT))).toBe(401);
  });

  test('a direct invocation, admitted by IAM, names a tenant by the header', () => {
    expect(identityOf(aRequest({ apiId: DIRECT, headers: acmeHeader }), JWT)).toEqual({ tenant_id: 'acme' });
    expect(identityOf(aRequest({ apiId: DIRECT }), JWT)).toEqual({});
  });

  test('a machine is identified by its client id, and belongs to no tenant where there are none', () => {
    const { JWT_ISSUER } = { JWT_ISSUER: 'https://issuer.example.com' };
    const claims = { client_id: 'a-machine' };
    expect(identityOf(aRequest({ claims }), { TOOLWATCH_TENANTS: 'off', JWT_ISSUER })).toEqual({
      user_id: 'a-machine',
    });
  });
});
