import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { createJsonRoute } from '../../../lambdas/api/pages/documents.ts';
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

test('a document is read once, however often it is asked for', async () => {
  let reads = 0;
  const serve = createJsonRoute(() => `{"read":${++reads}}`);
  expect([await serve().json(), await serve().json()]).toEqual([{ read: 1 }, { read: 1 }]);
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
  const ask = (given?: string, method = 'GET', path = '/v1/tools') =>
    aRequest({ path, method, headers: given === undefined ? {} : { 'If-None-Match': given } });
  const etagOf = (body: string, path?: string) =>
    String(answerConditionally(ask(undefined, 'GET', path), answer(body)).headers?.etag);

  test('is status 304 without a body', () => {
    const etag = etagOf('{"tools":[]}');
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
    for (const given of [etag, `"x", ${etag}`, etag.replace('W/', ''), '*']) {
      const { statusCode, body, headers } = answerConditionally(ask(given), answer('{"tools":[]}'));
      expect([statusCode, body, headers]).toEqual([304, '', { etag, 'cache-control': 'private, no-cache' }]);
    }
  });

  test('is the same when only its moment differs, and another when its content does', () => {
    expect(etagOf('{"age_seconds":1.5,"tools":[]}')).toBe(etagOf('{"age_seconds":2,"tools":[]}'));
    expect(etagOf('{"timestamp":"a","tools":[]}')).toBe(etagOf('{"timestamp":"b","tools":[]}'));
    expect(etagOf('{"tools":[]}')).not.toBe(etagOf('{"tools":[1]}'));
    // Figures that are old say so, and what a call is stored with is content whatever its name.
    expect(etagOf('{"age_seconds":59,"tools":[]}')).not.toBe(etagOf('{"age_seconds":600,"tools":[]}'));
    for (const field of ['age_seconds', 'timestamp', 'response_time_ms'])
      expect(etagOf(`{"call":{"metadata":{"${field}":1}}}`)).not.toBe(etagOf(`{"call":{"metadata":{"${field}":2}}}`));
    const shops = (ms: number) => `{"data":{"health_checks":[{"response_time_ms":${ms}}]}}`;
    expect(etagOf(shops(1))).not.toBe(etagOf(shops(900)));
  });

  test('is the same report of health however long its checks took', () => {
    const health = (ms: number) => `{"status":"ok","timestamp":"${ms}","components":[{"response_time_ms":${ms}}]}`;
    const dashboard = (ms: number) => `{"timestamp":"${ms}","health":${health(ms)},"tools":[]}`;
    for (const path of ['/health', '/health/']) expect(etagOf(health(1), path)).toBe(etagOf(health(2), path));
    const path = '/api/observability/dashboard';
    expect(etagOf(dashboard(1), path)).toBe(etagOf(dashboard(2), path));
  });

  test('may be stored where it has an identifier, and nowhere else', () => {
    const { statusCode, headers } = answerConditionally(ask('"x"'), answer('{}'));
    expect([statusCode, headers?.['cache-control']]).toEqual([200, 'private, no-cache']);
    for (const refused of [404, 503])
      expect(answerConditionally(ask(), { ...answer('{}'), statusCode: refused }).headers).toEqual({
        'content-type': 'application/json',
        'cache-control': 'no-store',
      });
    expect(answerConditionally(ask(undefined, 'PUT'), answer('{}')).headers?.['cache-control']).toBe('no-store');
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
