import { randomUUID } from 'node:crypto';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AuditLine, auditLine } from '../../../lambdas/contract/audit-line.ts';
import { ACTOR_HEADER, DIRECT } from '../../../lambdas/contract/direct-request.ts';
import type { FrontDoorEnv } from '../../../lambdas/contract/env/front-door.ts';
import { type CustomNotice, customNotice } from '../../../lambdas/contract/notices/custom-notice.ts';
import { OPERATIONS } from '../../../lambdas/contract/operations.ts';
import { PROBLEM_TYPE } from '../../../lambdas/contract/problem.ts';
import type { SelfCheckState } from '../../../lambdas/contract/self-check.ts';
import { createAcknowledgementHandlers } from '../../../lambdas/operate/acknowledgements.ts';
import { createAlarmHandlers } from '../../../lambdas/operate/alarms.ts';
import { createCompletenessHandlers } from '../../../lambdas/operate/completeness.ts';
import { createDrillHandlers } from '../../../lambdas/operate/drill.ts';
import { createMuteHandlers } from '../../../lambdas/operate/mutes.ts';
import { createNotify } from '../../../lambdas/operate/notify.ts';
import { Operator, type OperatorParts } from '../../../lambdas/operate/operator.ts';
import { createSelfCheckHandlers } from '../../../lambdas/operate/self-check.ts';
import { aRequest } from '../../support/a-request.ts';

const IAM: FrontDoorEnv = { TOOLWATCH_TENANTS: 'off' };
const JWT: FrontDoorEnv = {
  TOOLWATCH_TENANTS: 'on',
  JWT_ISSUER: 'https://issuer.example.com',
  JWT_TENANT_CLAIM: 'tenant',
  JWT_OPERATOR_SCOPE: 'toolwatch.operate',
};
const AWS = { cloudwatch: {} as never, deployment: 'toolwatch', alarmPrefix: '' };
const TITLE = { title: 'The import is late' };

/** The function with a queue that remembers what it takes; `fails` makes it take nothing. */
const operatorWith = (
  frontDoor: FrontDoorEnv,
  { fails = false, state = undefined as SelfCheckState | undefined } = {},
) => {
  const sent: CustomNotice[] = [];
  const audit: AuditLine[] = [];
  const errors: Error[] = [];
  const parts: OperatorParts = {
    handlers: {
      ...createDrillHandlers({ items: {} as never, now: Date.now }),
      ...createCompletenessHandlers({ ...AWS, now: Date.now }),
      ...createSelfCheckHandlers({ read: async () => state } as never),
      ...createAlarmHandlers({ ...AWS, advice: {} }),
      ...createMuteHandlers({ ...AWS, now: Date.now }),
      ...createAcknowledgementHandlers(),
      'POST /v1/notify': createNotify(async (notice) => {
        if (fails) throw new Error('the queue does not answer');
        sent.push(customNotice.parse(notice));
      }),
    },
    frontDoor,
    writeAudit: (line) => audit.push(auditLine.parse(line)),
    onError: (error) => errors.push(error),
  };
  const operator = new Operator(parts);
  const ask = async (body: unknown, request: Parameters<typeof aRequest>[0] = {}, method = 'POST') => {
    const event = aRequest({ path: '/v1/notify', method, ...request });
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const { statusCode, headers, body: answer } = await operator.answer({ ...event, body: text });
    return { status: statusCode, headers, answer: JSON.parse(answer ?? '') };
  };
  return { parts, ask, sent, audit, errors };
};

describe('who may', () => {
  test('a token of the operator, under the name of its subject', async () => {
    const { ask, audit, sent } = operatorWith(JWT);
    const claims = { sub: 'ann', scope: 'toolwatch.operate' };
    expect(await ask(TITLE, { claims, scopes: ['toolwatch.operate'] })).toMatchObject({ status: 200 });
    expect(audit).toMatchObject([{ actor: 'ann', actor_kind: 'token', action: 'notice.requested', success: true }]);
    expect(sent).toMatchObject([{ ...TITLE, severity: 'warning', source: { kind: 'person', actor: 'ann' } }]);
  });

  test.each<[string, FrontDoorEnv, Parameters<typeof aRequest>[0], number]>([
    ['a tenant’s token', JWT, { claims: { sub: 'bob', tenant: 'acme' } }, 403],
    ['no token', JWT, {}, 401],
    [
      'any token where none can be the operator’s',
      { TOOLWATCH_TENANTS: 'off', JWT_ISSUER: 'x' },
      { claims: { sub: 'bob' } },
      403,
    ],
    ['IAM on behalf of a tenant', { TOOLWATCH_TENANTS: 'on' }, { headers: { 'x-tenant-id': 'acme' } }, 403],
  ])('%s may not, and nothing happens', async (_, frontDoor, request, status) => {
    const { ask, audit, sent } = operatorWith(frontDoor);
    expect((await ask(TITLE, request)).status).toBe(status);
    expect([audit, sent]).toEqual([[], []]);
  });

  test('a direct invocation states who acts, and no request through the front door can', async () => {
    const { ask, audit } = operatorWith(IAM);
    const headers = { [ACTOR_HEADER]: 'arn:aws:iam::123456789012:user/ann' };
    await ask(TITLE, { headers, apiId: DIRECT });
    await ask(TITLE, { headers });
    expect(audit.map(({ actor, actor_kind }) => [actor, actor_kind])).toEqual([
      ['arn:aws:iam::123456789012:user/ann', 'stated'],
      ['unknown', 'iam'],
    ]);
  });
});

describe('what is answered', () => {
  test('a path or method that is not one says which are', async () => {
    const { ask } = operatorWith(IAM);
    expect(await ask('', { path: '/v1/notifies' })).toMatchObject({
      status: 404,
      answer: { detail: expect.stringContaining(Object.keys(OPERATIONS)[0] ?? '') },
    });
    expect(await ask('', {}, 'GET')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });

  test.each<[unknown, string[]]>([
    [{}, ['title']],
    [{ title: ' ' }, ['title']],
    [{ ...TITLE, severity: 'fatal' }, ['severity']],
    [{ ...TITLE, links: [{ title: 'x', url: 'http://example.com' }] }, ['links.0.url']],
    [{ ...TITLE, lines: Array(9).fill('x') }, ['lines']],
    [{ ...TITLE, resolve: true }, ['resolve']],
    [{ ...TITLE, tenant: 'acme' }, ['tenant']],
    [{ ...TITLE, links: [{ title: 'x', url: 'https://example.com', to: 'y' }] }, ['links.0.to']],
  ])('%j is refused by naming what is wrong', async (body, parameters) => {
    const { ask, audit } = operatorWith(IAM);
    expect(await ask(body)).toMatchObject({ status: 400, answer: { parameters } });
    expect(audit).toEqual([]);
  });

  test.each<[string, string[]]>([
    ['state=broken', ['state']],
    ['limit=0', ['limit']],
    ['limit=101', ['limit']],
    ['after=tool/x', ['after']],
    ['state=ok&state=firing', ['state']],
    ['tenant=acme', ['tenant']],
  ])('the query %s is refused by naming what is wrong', async (query, parameters) => {
    const { ask } = operatorWith(IAM);
    const refused = await ask('', { path: '/v1/alarms', query }, 'GET');
    expect(refused).toMatchObject({ status: 400, answer: { parameters } });
  });

  test('a path that takes no parameters refuses them', async () => {
    const { ask } = operatorWith(IAM);
    const refused = await ask('', { path: '/v1/mutes', query: 'limit=1' }, 'GET');
    expect(refused).toMatchObject({ status: 400, answer: { parameters: ['limit'] } });
  });

  test('what fails is audited as failed, and is not the sender’s fault', async () => {
    const { ask, audit, errors } = operatorWith(IAM, { fails: true });
    expect((await ask(TITLE)).status).toBe(500);
    expect(audit).toMatchObject([{ success: false, error: 'the queue does not answer', target: TITLE.title }]);
    expect(errors).toHaveLength(1);
  });

  test.each([
    ['/v1/mutes', 'GET', /^The request failed\. It changes nothing/],
    ['/v1/mutes', 'POST', /whether it changed something is not known/],
  ])('%s by %s that fails says what may have changed', async (path, method, words) => {
    const { ask } = operatorWith(IAM); // with no CloudWatch
    const body = method === 'POST' ? { kind: 'alarm', name: 'tool/a/slow', minutes: 5, reason: 'x' } : {};
    expect(await ask(body, { path }, method)).toMatchObject({
      ...{ status: 500, headers: { 'content-type': PROBLEM_TYPE } },
      answer: { detail: expect.stringMatching(words) },
    });
  });

  test.each(['ThrottlingException', 'Throttling', 'ProvisionedThroughputExceededException'])(
    '%s of AWS is status 429, with when to try again',
    async (name) => {
      const { parts, errors } = operatorWith(IAM);
      const cloudwatch = new CloudWatchClient({ region: 'us-east-1' });
      cloudwatch.send = (async () => {
        throw Object.assign(new Error('Rate exceeded'), { name });
      }) as never;
      const operator = new Operator({
        ...parts,
        handlers: { ...parts.handlers, ...createAlarmHandlers({ ...AWS, cloudwatch, advice: {} }) },
      });
      const { statusCode, headers, body } = await operator.answer(aRequest({ path: '/v1/alarms', method: 'GET' }));
      expect([statusCode, headers?.['retry-after'], errors.length]).toEqual([429, '5', 1]);
      expect(JSON.parse(body ?? '').detail).toBe('AWS takes no more requests at the moment. Try again in 5 seconds.');
    },
  );

  test('what is done is never audited as failed', async () => {
    const { audit, errors, parts } = operatorWith(IAM);
    const describe = (_: unknown, answer: object | undefined) => {
      if (answer) throw new Error('what was done cannot be described');
      return { target: 'x' };
    };
    const operator = new Operator({
      ...parts,
      handlers: { ...parts.handlers, 'POST /v1/notify': { describe, perform: async () => ({ id: randomUUID() }) } },
    });
    const request = { ...aRequest({ path: '/v1/notify', method: 'POST' }), body: JSON.stringify(TITLE) };
    expect((await operator.answer(request)).statusCode).toBe(500);
    expect([audit, errors.length]).toEqual([[], 1]);
  });

  test('whatever is sent is answered, and each attempt at a change has one line of the audit', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 400 });
    const body = fc.oneof(
      fc.json(),
      text,
      fc.record(
        {
          title: text,
          severity: fc.constantFrom('critical', 'info', 'x'),
          thread: text,
          resolve: fc.boolean(),
          lines: fc.array(text),
        },
        { requiredKeys: ['title'] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.string({ maxLength: 3_000 }), async (sent, actor) => {
        const { ask, audit, sent: taken } = operatorWith(IAM);
        const { status } = await ask(sent, { headers: { [ACTOR_HEADER]: actor }, apiId: DIRECT });
        expect([200, 400]).toContain(status);
        expect([audit.length, taken.length]).toEqual(status === 200 ? [1, 1] : [0, 0]);
      }),
    );
  });
});

test('the last self-check is answered with what to do, and nothing is audited that only reads', async () => {
  const finding = { id: 'schedule/refresh', what: 'refresh is not started.', remedy: 'Switch it on.', since: 0 };
  const state = { at: 3_600_000, schedules: {}, findings: [finding], recipients: {} };
  const { ask, audit } = operatorWith(IAM, { state });
  const { answer } = await ask({}, { path: '/v1/self-check' }, 'GET');
  const since = '1970-01-01T00:00:00.000Z';
  expect(answer).toEqual({ checked_at: '1970-01-01T01:00:00.000Z', findings: [{ ...finding, since }] });
  expect((await operatorWith(IAM).ask({}, { path: '/v1/self-check' }, 'GET')).answer).toEqual({
    checked_at: null,
    findings: [],
  });
  expect(audit).toEqual([]);
});

describe('an acknowledgement of an incident', () => {
  const acknowledge = async (id: string, body: object) => {
    const { ask, audit } = operatorWith(IAM);
    const headers = { [ACTOR_HEADER]: 'ann' };
    const path = `/v1/incidents/${encodeURIComponent(id)}/acknowledgement`;
    return { ...(await ask(body, { path, headers, apiId: DIRECT }, 'PUT')), audit };
  };
  const id = 'provider/shop@2026-11-20T12:00:00.000Z';

  test('is a line of the audit with who, and what others should know', async () => {
    const { status, answer, audit } = await acknowledge(id, { note: 'I call the shop.' });
    expect([status, answer]).toEqual([200, { incident_id: id, acknowledged_by: 'ann' }]);
    const line = {
      action: 'incident.acknowledged',
      target: id,
      actor: 'ann',
      reason: 'I call the shop.',
      success: true,
    };
    expect(audit).toMatchObject([line]);
    expect((await acknowledge(id, {})).audit[0]?.reason).toBeUndefined();
  });

  test.each<[string, object, number, string]>([
    ['tool/order_status/failing', {}, 404, 'id'],
    [id, { note: '' }, 400, 'note'],
    [id, { note: 'x'.repeat(1_001) }, 400, 'note'],
    [id, { by: 'bob' }, 400, 'by'],
  ])('of %s with %j is refused', async (asked, body, status, parameter) => {
    expect(await acknowledge(asked, body)).toMatchObject({ status, answer: { parameters: [parameter] } });
  });
});
