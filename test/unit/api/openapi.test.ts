import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { answerConditionally } from '../../../lambdas/api/request/conditional.ts';
import { CHANGES } from '../../../lambdas/contract/changes.ts';
import { ENDPOINTS } from '../../../lambdas/contract/endpoints.ts';
import { OPERATIONS } from '../../../lambdas/contract/operations.ts';
import { toRoute } from '../../../lambdas/contract/request-names.ts';
import { buildApiPage } from '../../../lib/reference/api-page.tsx';
import { aRequest } from '../../support/a-request.ts';
import { findMisfit, OPEN_API } from '../../support/checked-answers.ts';

describe('the OpenAPI document', () => {
  test('is valid as OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(OPEN_API));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  test('describes each read, each change and each operation, and each under a name of its own', () => {
    const described = Object.entries(OPEN_API.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const there = [
      ...Object.keys(ENDPOINTS).map((path) => `GET ${toRoute(path)}`),
      ...[...Object.keys(CHANGES), ...Object.keys(OPERATIONS)].map(toRoute),
    ];
    expect(described.sort()).toEqual(there.sort());
    const ids = Object.values(OPEN_API.paths).flatMap((operations) =>
      Object.values(operations).map((operation) => (operation as { operationId: string }).operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('refers to nothing that it does not have', () => {
    const names = [...JSON.stringify(OPEN_API).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to = '']) => to);
    const missing = names.filter((to) => !(to.replace('#/components/schemas/', '') in OPEN_API.components.schemas));
    expect([names.length > 50, missing]).toEqual([true, []]);
  });

  test('is what answers are checked by: one with a field too many, or without one, does not fit', () => {
    const event = aRequest({ path: '/health/live' });
    const answer = (body: object) => ({
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(findMisfit(event, answer({ status: 'ok' }))).toBeUndefined();
    expect(findMisfit(event, answer({ status: 'ok', more: 1 }))).toContain('must NOT have additional properties');
    expect(findMisfit(event, answer({}))).toContain('must have required property');
    expect(findMisfit(event, { ...answer({ status: 'ok' }), statusCode: 202 })).toContain('is not described');
  });
});

test('the reference page has a part for each request, links that lead to one, and no script', () => {
  const html = buildApiPage();
  const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(links).toHaveLength(Object.values(OPEN_API.paths).flatMap((operations) => Object.keys(operations)).length);
  expect(links.filter((id) => !ids.has(id))).toEqual([]);
  expect(html).not.toMatch(/<script| (?:style|src|onclick)=|href="(?![#/])/);
});

describe('an answer that the sender has already', () => {
  const answer = (body: string) => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body });
  const ask = (given?: string, method = 'GET') =>
    aRequest({ path: '/v1/tools', method, headers: given === undefined ? {} : { 'If-None-Match': given } });
  const etagOf = (body: string) => String(answerConditionally(ask(), answer(body)).headers?.etag);

  test('is status 304 without a body', () => {
    const etag = etagOf('{"tools":[]}');
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
    for (const given of [etag, `"x", ${etag}`, etag.replace('W/', ''), '*']) {
      const { statusCode, body, headers } = answerConditionally(ask(given), answer('{"tools":[]}'));
      expect([statusCode, body, headers]).toEqual([304, '', { etag }]);
    }
  });

  test('is the same when only its age differs, and another when its content does', () => {
    expect(etagOf('{"age_seconds":1.5,"tools":[]}')).toBe(etagOf('{"age_seconds":2,"tools":[]}'));
    expect(etagOf('{"tools":[]}')).not.toBe(etagOf('{"tools":[1]}'));
    expect(answerConditionally(ask('"x"'), answer('{}')).statusCode).toBe(200);
  });

  test('is never what was refused, failed, or changed something', () => {
    expect(answerConditionally(ask('*'), { ...answer('{}'), statusCode: 503 })).toMatchObject({
      statusCode: 503,
      body: '{}',
    });
    expect(answerConditionally(ask('*', 'PUT'), answer('{}'))).toMatchObject({ statusCode: 200, body: '{}' });
    expect(answerConditionally(ask('x', 'HEAD'), answer('{}')).body).toBe('');
  });
});
