import { describe, expect, test } from 'vitest';
import { DIRECT } from '../../../lambdas/contract/direct-request.ts';
import type { FrontDoorEnv } from '../../../lambdas/contract/env.ts';
import { identityOf } from '../../../lambdas/front-door/identity.ts';
import { aRequest } from '../../support/a-request.ts';

const acme = { 'x-tenant-id': 'acme' };
const JWT: FrontDoorEnv = {
  TOOLWATCH_TENANTS: 'on',
  JWT_ISSUER: 'https://issuer.example.com',
  JWT_TENANT_CLAIM: 'https://example.com/tenant',
  JWT_OPERATOR_SCOPE: 'toolwatch.operate',
};
const ofAcme = { sub: 'ann', 'https://example.com/tenant': 'acme' };
const statusOf = (identity: ReturnType<typeof identityOf>) =>
  'refused' in identity ? identity.refused.status : identity;

describe('behind IAM', () => {
  const on: FrontDoorEnv = { TOOLWATCH_TENANTS: 'on' };
  const off: FrontDoorEnv = { TOOLWATCH_TENANTS: 'off' };

  test('a header names the tenant, and without one it is the house', () => {
    expect(identityOf(aRequest({ headers: acme }), on)).toEqual({ tenant_id: 'acme' });
    expect(identityOf(aRequest(), on)).toEqual({});
  });

  test.each(['*', '', 'a b', 'x'.repeat(129)])('no tenant is called "%s"', (name) => {
    expect(statusOf(identityOf(aRequest({ headers: { 'x-tenant-id': name } }), on))).toBe(400);
  });

  test('a house without tenants refuses the header, and needs none', () => {
    expect(statusOf(identityOf(aRequest({ headers: acme }), off))).toBe(400);
    expect(identityOf(aRequest(), off)).toEqual({});
  });

  test('claims count for nothing where no issuer is named', () => {
    expect(identityOf(aRequest({ claims: ofAcme }), on)).toEqual({});
  });
});

describe('behind a JWT', () => {
  test('user and tenant are those of the claims', () => {
    expect(identityOf(aRequest({ claims: ofAcme }), JWT)).toEqual({ tenant_id: 'acme', user_id: 'ann' });
  });

  test('a header that says the same is right, and one that says otherwise is refused', () => {
    expect(identityOf(aRequest({ claims: ofAcme, headers: acme }), JWT)).toMatchObject({ tenant_id: 'acme' });
    expect(statusOf(identityOf(aRequest({ claims: ofAcme, headers: { 'x-tenant-id': 'other' } }), JWT))).toBe(403);
  });

  test.each([{}, { 'https://example.com/tenant': '*' }, { 'https://example.com/tenant': '[a b]' }])(
    'a token with the claims %j is of no tenant, and sees nothing',
    (more) => {
      expect(statusOf(identityOf(aRequest({ claims: { sub: 'ann', ...more } }), JWT))).toBe(403);
    },
  );

  test.each([{ scope: 'openid toolwatch.operate' }, { scp: '[openid toolwatch.operate]' }])(
    'with %j it is the house, which a header cannot change',
    (scopes) => {
      const claims = { ...ofAcme, ...scopes };
      expect(identityOf(aRequest({ claims }), JWT)).toEqual({ user_id: 'ann' });
      expect(statusOf(identityOf(aRequest({ claims, headers: acme }), JWT))).toBe(403);
    },
  );

  test('a scope that only begins so is not enough', () => {
    const claims = { ...ofAcme, scope: 'toolwatch.operate.not' };
    expect(identityOf(aRequest({ claims }), JWT)).toMatchObject({ tenant_id: 'acme' });
  });

  test('without a verified token nobody comes in, whatever a header says', () => {
    expect(statusOf(identityOf(aRequest({ headers: acme }), JWT))).toBe(401);
  });

  test('whoever invokes the function by right of IAM names a tenant as behind IAM', () => {
    expect(identityOf(aRequest({ apiId: DIRECT, headers: acme }), JWT)).toEqual({ tenant_id: 'acme' });
    expect(identityOf(aRequest({ apiId: DIRECT }), JWT)).toEqual({});
  });

  test('a machine is called by its client’s id, and without tenants belongs to none', () => {
    const { JWT_ISSUER } = { JWT_ISSUER: 'https://issuer.example.com' };
    const claims = { client_id: 'a-machine' };
    expect(identityOf(aRequest({ claims }), { TOOLWATCH_TENANTS: 'off', JWT_ISSUER })).toEqual({
      user_id: 'a-machine',
    });
  });
});
