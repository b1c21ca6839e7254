import type { Context } from 'aws-lambda';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { alertRulesReport, changedRule } from '../../lambdas/contract/alert-rules/reports.ts';
import { buildChangeRequest } from '../../lambdas/contract/direct-request.ts';
import type { FrontDoorEnv } from '../../lambdas/contract/env/front-door.ts';
import { problem } from '../../lambdas/contract/problem.ts';
import type { Database } from '../../lambdas/database/database.ts';
import { aRequest } from '../support/a-request.ts';
import { createCheckedRouter, PAGE, serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const errors: Error[] = [];
const served = await serveApi(db.as('reader'), errors, undefined, undefined, {
  editor: db.as('editor'),
  channelNames: ['team-chat'],
});
afterAll(() => served.close());

const RULE = { figure: 'error_rate_pct', comparison: 'above', threshold: 5, scope: { name: 'order_status' } };
const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const response = await served.get(path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, allow: response.headers.get('allow'), body: await response.json() };
};
const put = (name: string, rule: unknown) => send('PUT', `/v1/alert-rules/${encodeURIComponent(name)}`, rule);
const audit = () =>
  db.rows('select actor, actor_kind, action, target, reason, success, error, change from ops.audit order by at');

beforeEach(async () => {
  errors.length = 0;
  await db.rows('delete from ops.alert_rules where shipped is null');
  await db.rows('truncate ops.audit');
});

describe('a rule of a user’s own', () => {
  test('is made, answered, replaced, switched off and removed, each with its row in the audit', async () => {
    const made = await put('orders-fail', { ...RULE, reason: 'Black Friday' });
    expect(made.status).toBe(200);
    expect(changedRule.parse(made.body).rule).toMatchObject({
      name: 'orders-fail',
      ...RULE,
      severity: 'warning',
      is_shipped: false,
      changed_by: 'unknown',
      state: { outcome: 'no_data', is_baked: false },
    });
    expect((await put('orders-fail', { ...RULE, threshold: 10 })).body.rule.threshold).toBe(10);
    const off = await send('PUT', '/v1/alert-rules/orders-fail/enabled', { enabled: false });
    expect(off.body.rule.enabled).toBe(false);
    const listed = alertRulesReport.parse((await send('GET', '/v1/alert-rules')).body);
    expect(listed.rules.find(({ name }) => name === 'orders-fail')).toEqual(off.body.rule);
    expect((await send('GET', '/v1/alert-rules/orders-fail')).body.rule).toEqual(off.body.rule);
    expect(await send('DELETE', '/v1/alert-rules/orders-fail')).toMatchObject({
      status: 200,
      body: { removed: 'orders-fail' },
    });
    expect((await send('GET', '/v1/alert-rules/orders-fail')).status).toBe(404);
    expect(await audit()).toMatchObject([
      {
        action: 'alert_rule.changed',
        target: 'orders-fail',
        reason: 'Black Friday',
        success: true,
        change: { before: null },
      },
      { action: 'alert_rule.changed', change: { before: { threshold: 5 }, after: { threshold: 10 } } },
      { action: 'alert_rule.disabled', change: { before: { enabled: true }, after: { enabled: false } } },
      { action: 'alert_rule.removed', change: { before: { threshold: 10 }, after: null } },
    ]);
  });

  test('that is not there cannot be removed, and the attempt is in the audit', async () => {
    expect(await send('DELETE', '/v1/alert-rules/none')).toMatchObject({
      status: 404,
      body: { detail: 'There is no alert rule called none; see /v1/alert-rules.' },
    });
    expect(await audit()).toMatchObject([
      {
        action: 'alert_rule.removed',
        target: 'none',
        success: false,
        error: expect.stringContaining('There is no alert rule'),
      },
    ]);
  });

  test('may name only channels that there are', async () => {
    expect((await put('a', { ...RULE, channels: ['team-chat'] })).status).toBe(200);
    expect(await put('a', { ...RULE, channels: ['team-chat', 'nobody'] })).toMatchObject({
      status: 400,
      body: {
        detail: 'Field channels: there is no nobody; the channels are team-chat.',
        parameters: ['channels'],
      },
    });
  });

  test('bakes anew when it holds at other times, and not for another description', async () => {
    await put('a', { ...RULE, bake_days: 0 });
    expect((await put('a', { ...RULE, description: 'orders' })).body.rule.state.is_baked).toBe(true);
    expect((await put('a', { ...RULE, threshold: 6 })).body.rule.state.is_baked).toBe(false);
    expect((await put('a', { ...RULE, threshold: 6, accepted_backtest: 'of another' })).status).toBe(400);
  });
});

describe('what cannot be a rule is refused in a sentence', () => {
  test.each<[unknown, string]>([
    [{ ...RULE, figure: 'speed' }, 'Field figure: write one of calls, errors'],
    [{ ...RULE, threshold: '5' }, 'Field threshold: write a number.'],
    [{ ...RULE, threshold: 1e300 }, 'Field threshold: write at most'],
    [{ ...RULE, window_minutes: 7 }, 'Field window_minutes: write one of 5, 10'],
    [{ ...RULE, scope: { tenant: 'acme' }, window_minutes: 5 }, 'Field window_minutes: write at least 60: tenants'],
    [{ ...RULE, figure: 'measure_sum' }, 'Field measure: the figure measure_sum takes the name of a measure.'],
    [{ ...RULE, figure: 'slow_pct' }, 'Field slow_ms: the figure slow_pct takes'],
    [{ ...RULE, scope: { provider: 'shop', name: 'a' } }, 'Field scope.name: this scope is not counted by name'],
    [
      { ...RULE, figure: 'p95_ms', scope: { domain: 'a.example.com' } },
      'Field figure: of a domain there is calls, errors',
    ],
    [
      { ...RULE, scope: { domain: 'a.example.com', provider: 'shop' } },
      'Field scope.provider: this scope is not counted',
    ],
    [
      { ...RULE, figure: 'users', scope: { provider: 'shop' } },
      'Field scope.provider: the figure users is not counted',
    ],
    [{ ...RULE, figure: 'users', min_calls: 5 }, 'Field min_calls: the figure users counts no calls'],
    [{ ...RULE, figure: 'users', window_minutes: 2_880 }, 'Field window_minutes: write at most 1440: users'],
    [{ ...RULE, scope: { error_group: 'v1:a' } }, 'Field figure: of an error group there is errors'],
    [
      { ...RULE, figure: 'minutes_since_call', window_minutes: 60 },
      'Field window_minutes: the figure minutes_since_call',
    ],
    [{ ...RULE, each: ['name'] }, 'Field each: the scope has one name already'],
    [{ ...RULE, description: 'a\nb' }, 'Field description: write one line of text.'],
    [{ ...RULE, sql: 'drop table' }, 'Unknown field sql: leave it out.'],
    ['{"figure": NaN}', 'The body: write a JSON object.'],
    [undefined, 'The body: write a JSON object.'],
  ])('%j', async (rule, sentence) => {
    const { status, body } = await put('a', rule);
    expect(status).toBe(400);
    expect(problem.parse(body).detail).toContain(sentence);
    expect(await db.rows("select from ops.alert_rules where name = 'a'")).toEqual([]);
  });

  test.each(['', ' ', 'a b', "a'; drop table ops.alert_rules; --", 'ä', 'backtest', 'x'.repeat(65)])(
    'the name %j',
    async (name) => {
      expect((await put(name, RULE)).status).toBeGreaterThanOrEqual(400);
      expect(errors).toEqual([]);
    },
  );

  test('whatever is sent, it is stored as it is or refused, and never an error of ours', async () => {
    const value = fc.oneof(
      fc.constantFrom<unknown>(
        ...Object.values(RULE),
        "'; --",
        [],
        {},
        null,
        0,
        -1,
        5,
        60,
        1e20,
        ['name'],
        ['team-chat'],
      ),
      fc.jsonValue(),
    );
    const field = fc.constantFrom(
      ...['description', 'figure', 'measure', 'slow_ms', 'comparison', 'threshold', 'window_minutes', 'scope', 'each'],
      ...['min_calls', 'severity', 'channels', 'enabled', 'bake_days', 'accepted_backtest', 'reason', '__proto__'],
    );
    const body = fc.oneof(
      fc.dictionary(field, value, { maxKeys: 3 }).map((changes) => JSON.stringify({ ...RULE, ...changes })),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.jsonValue().map((json) => JSON.stringify(json)),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        const { status, body: answer } = await put('any', text);
        if (status === 200) changedRule.parse(answer);
        else expect(problem.parse(answer).detail).toMatch(/[\w}]\.$/);
        expect(status === 200 || (status >= 400 && status < 500)).toBe(true);
        expect(errors).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('only the operator may change anything', () => {
  const frontDoor: FrontDoorEnv = {
    TOOLWATCH_TENANTS: 'on',
    JWT_ISSUER: 'https://issuer.example.com',
    JWT_TENANT_CLAIM: 'tenant',
    JWT_OPERATOR_SCOPE: 'operate',
  };
  const apiWith = (env: FrontDoorEnv) =>
    createCheckedRouter({
      ...{ database: db.as('reader'), editor: db.as('editor'), frontDoor: env },
      ...{ service: 'toolwatch', version: '1', page: PAGE, onError: (error) => errors.push(error) },
    });
  const ask = async (env: FrontDoorEnv, event: unknown) => {
    const { statusCode, body = '' } = await apiWith(env).resolve(event as ReturnType<typeof aRequest>, {} as Context);
    return { statusCode, body: JSON.parse(body) };
  };
  const aChange = (given: Parameters<typeof aRequest>[0]) =>
    aRequest({ method: 'PUT', path: '/v1/alert-rules/a', body: RULE, ...given });

  test('a token of the operator does, and the audit has its subject', async () => {
    const claims = { sub: 'olga' };
    const payload = { sub: 'olga', scope: 'operate' };
    expect(await ask(frontDoor, aChange({ claims, payload, scopes: ['operate'] }))).toMatchObject({ statusCode: 200 });
    expect(await audit()).toMatchObject([{ actor: 'olga', actor_kind: 'token' }]);
  });

  test('a token of a tenant does not', async () => {
    const claims = { sub: 'ann', tenant: 'acme' };
    expect(await ask(frontDoor, aChange({ claims, payload: claims, scopes: ['call'] }))).toMatchObject({
      statusCode: 403,
      body: { detail: 'Only the operator may do this, and not on behalf of a tenant.' },
    });
    expect(await audit()).toEqual([]);
    expect(await db.rows("select from ops.alert_rules where name = 'a'")).toEqual([]);
  });

  test('no token does where none says that it is the operator’s, although each may read everything', async () => {
    const env: FrontDoorEnv = { TOOLWATCH_TENANTS: 'off', JWT_ISSUER: 'https://issuer.example.com' };
    const claims = { sub: 'ann' };
    expect(await ask(env, aRequest({ path: '/v1/alert-rules', claims, payload: claims }))).toMatchObject({
      statusCode: 200,
    });
    expect(await ask(env, aChange({ claims, payload: claims }))).toMatchObject({ statusCode: 403 });
    expect((await ask(env, aChange({}))).statusCode).toBe(401 as number);
  });

  test('whom IAM admits does, and the audit has the ARN; a header cannot claim another name', async () => {
    const env: FrontDoorEnv = { TOOLWATCH_TENANTS: 'on' };
    const event = aChange({ headers: { 'x-toolwatch-actor': 'somebody else' } });
    const userArn = 'arn:aws:sts::000000000000:assumed-role/Admin/ann';
    Object.assign(event.requestContext, { authorizer: { iam: { userArn } } });
    expect(await ask(env, event)).toMatchObject({ statusCode: 200 });
    expect(await audit()).toMatchObject([{ actor: userArn, actor_kind: 'iam' }]);
    expect(await ask(env, aChange({ headers: { 'x-tenant-id': 'acme' } }))).toMatchObject({ statusCode: 403 });
  });

  test('a direct invocation does, as whom it states', async () => {
    const event = buildChangeRequest('PUT', '/v1/alert-rules/a', { body: RULE, actor: 'arn:ann', correlationId: 'c' });
    expect(await ask(frontDoor, event)).toMatchObject({ statusCode: 200 });
    expect(await audit()).toMatchObject([{ actor: 'arn:ann', actor_kind: 'stated' }]);
    expect(await ask(frontDoor, { ...event, headers: { 'x-tenant-id': 'acme' } })).toMatchObject({ statusCode: 403 });
  });
});

describe('a path', () => {
  test.each([
    ['POST', '/v1/alert-rules', 'GET, HEAD'],
    ['POST', '/v1/alert-rules/a', 'GET, HEAD, PUT, DELETE'],
    ['PATCH', '/v1/alert-rules/a/enabled', 'PUT'],
    ['GET', '/v1/alert-rules/a/enabled', 'PUT'],
    ['DELETE', '/v1/tools', 'GET, HEAD'],
  ])('%s %s is answered with the methods that there are', async (method, path, allow) => {
    expect(await send(method, path)).toMatchObject({
      status: 405,
      allow,
      body: { detail: `This path takes ${allow}.` },
    });
  });
});

describe('when the connection is lost', () => {
  /** Loses the connection once, at a commit: before or after the server has done so. */
  const losing = (when: 'before' | 'after'): Database => {
    const editor = db.as('editor');
    let isLost = false;
    const attempt: Database['run'] = (work, signal) =>
      editor.run(
        (client) =>
          work(
            new Proxy(client, {
              get: (target, name) => {
                if (name !== 'query') return Reflect.get(target, name);
                return async (text: string, values?: unknown[]) => {
                  if (text !== 'commit' || isLost) return target.query(text, values);
                  isLost = true;
                  await target.query(when === 'after' ? 'commit' : 'rollback');
                  throw Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' });
                };
              },
            }),
          ),
        signal,
      );
    return {
      close: () => editor.close(),
      run: attempt,
    };
  };

  test.each(['before', 'after'] as const)('%s the commit, the change is made once and audited once', async (when) => {
    const api = await serveApi(db.as('reader'), errors, undefined, undefined, { editor: losing(when) });
    const response = await api.get('/v1/alert-rules/a', { method: 'PUT', body: JSON.stringify(RULE) });
    await api.close();
    expect([response.status, errors]).toEqual([200, []]);
    expect(await audit()).toHaveLength(1);
    expect(await db.rows("select from ops.alert_rules where name = 'a'")).toHaveLength(1);
  });
});
