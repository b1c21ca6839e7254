import type { Context } from 'aws-lambda';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ENDPOINTS } from '../../lambdas/contract/endpoints.ts';
import { problem } from '../../lambdas/contract/problem.ts';
import { countsReport } from '../../lambdas/contract/reports.ts';
import type { Database } from '../../lambdas/database/database.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import recentFailures from '../../lambdas/tools/recent-failures.ts';
import toolHealth from '../../lambdas/tools/tool-health.ts';
import { aRequest } from '../support/a-request.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { createCheckedRouter, NO_EDITOR, PAGE } from '../support/api-rig.ts';
import { captureLines } from '../support/captured-lines.ts';
import { testDatabase } from '../support/database.ts';
import { aContext } from '../support/lambda-context.ts';
import { serveLambda } from '../support/lambda-endpoint.ts';

captureLines();
const db = await testDatabase();
const errors: Error[] = [];

const openApi = (database: Database) =>
  createCheckedRouter({
    database,
    editor: NO_EDITOR,
    service: 'toolwatch',
    version: '1',
    frontDoor: { TOOLWATCH_TENANTS: 'on' },
    page: PAGE,
    onError: (error) => errors.push(error),
  });
const api = openApi(db.as('reader'));
const lambda = await serveLambda({
  api: (event) => api.resolve(event as ReturnType<typeof aRequest>, {} as Context),
});
afterAll(() => lambda.close());

const ask = async (path: string, query = '', given: Parameters<typeof aRequest>[0] = {}) => {
  const request = { ...aRequest({ path, ...given }), rawQueryString: query };
  const { statusCode = 0, body = '', headers } = await api.resolve(request, {} as Context);
  return { statusCode, body, headers };
};
const errorOf = ({ body }: { body: string }) => problem.parse(JSON.parse(body));

beforeAll(async () => {
  await store(db.as('writer'), [
    anInvocation({ name: '100 %', success: false }),
    anInvocation({ name: 'a/b', success: false }),
  ]);
  await refresh(db.as('refresher'));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    API_FUNCTION: 'api',
    AWS_MAX_ATTEMPTS: '1',
  });
});
beforeEach(() => {
  errors.length = 0;
});

describe('a value that cannot be used is the requester’s, and is named', () => {
  test.each<[path: string, query: string, parameters: string[]]>([
    ['/v1/tools/%E0%A4%A', '', ['name']],
    ['/v1/tools/%', '', ['name']],
    ['/v1/tools/%20', '', ['name']],
    ['/v1/tools/%00', '', ['name']],
    ['/v1/tools/%00/trend', '', ['name']],
    [`/v1/tools/${'x'.repeat(2_000)}`, '', ['name']],
    ['/v1/webhooks/%', '', ['id']],
    ['/v1/webhooks/%00', '', ['id']],
    ['/v1/webhooks', 'limit=101', ['limit']],
    ['/v1/monitoring/metrics', 'type=webhooks', ['type']],
    ['/v1/failures', 'tool=%00', ['tool']],
    ['/v1/failures', 'tool=a%00b', ['tool']],
    ['/v1/failures', 'tool=', ['tool']],
    ['/v1/failures', 'tool=a&tool=b', ['tool']],
    ['/v1/failures', 'minutes=', ['minutes']],
    ['/v1/failures', 'minutes=1e1', ['minutes']],
    ['/v1/failures', 'minutes=99999999999999999999', ['minutes']],
    ['/v1/failures', 'limit=0&fault=mine', ['fault', 'limit']],
    ['/v1/failures', '__proto__=1', ['__proto__']],
    ['/v1/calls', 'correlation_id=%00', ['correlation_id']],
    ['/v1/calls', 'after=x', ['after']],
    ['/v1/calls', 'after=WyIyMDI2LTk5LTI5VDEyOjAwOjAwLjAwMDAwMFoiLCJ4Il0', ['after']],
    ['/v1/calls', 'success=yes&group_id=1', ['success', 'group_id']],
    ['/v1/calls', 'from=2026-11-29T12:00:00Z&to=2026-11-29T12:00:00Z', ['from']],
    ['/v1/calls', 'from=2026-11-01T12:00:00Z&to=2026-11-29T12:00:00Z', ['from']],
    ['/v1/calls', 'from=2000-01-01T12:00:00Z', ['from']],
    ['/v1/calls/x', '', ['id']],
    ['/v1/calls/%', '', ['id']],
    ['/v1/calls/0189f7e8-0000-7000-8000-000000000000', 'at=never', ['at']],
    ['/v1/sessions', 'limit=101', ['limit']],
    ['/v1/sessions', 'minutes=10081', ['minutes']],
    ['/v1/sessions/%00', '', ['id']],
    ['/v1/incidents', 'state=closed&severity=info', ['state', 'severity']],
    ['/v1/incidents/%00', '', ['id']],
    ['/v1/tools/x/trend', 'hours=2', ['hours']],
    ['/v1/counts', 'from=0000-01-01T00:00:00Z', ['from']],
    ['/v1/counts', 'from=9999-12-31T23:59:59-14:00', ['from']],
    ['/v1/counts', 'from=2026-02-30T00:00:00Z', ['from']],
    ['/v1/counts', 'from=2026-11-29T12:00:00.123456', ['from']],
  ])('%s?%s', async (path, query, parameters) => {
    const answer = await ask(path, query);
    expect(answer.statusCode).toBe(400);
    expect(errorOf(answer).parameters).toEqual(parameters);
    expect(errors).toEqual([]);
  });

  test('also when only the store finds out', async () => {
    const refusing = openApi({
      run: () =>
        Promise.reject(Object.assign(new Error('invalid byte sequence'), { code: '22021', severity: 'ERROR' })),
      close: async () => {},
    });
    const askRefusing = async (path: string, query: string) => {
      const { body = '' } = await refusing.resolve({ ...aRequest({ path }), rawQueryString: query }, {} as Context);
      return errorOf({ body });
    };
    expect(await askRefusing('/v1/failures', 'tool=x')).toEqual({
      ...{ type: 'about:blank', title: 'Bad Request', status: 400, parameters: ['tool'] },
      detail: 'Parameter tool: the store cannot use this value. Write another.',
    });
    expect(errors).toEqual([]);
    expect((await askRefusing('/v1/failures', '')).status).toBe(500);
    expect(errors).toHaveLength(1);
  });

  test('the answer to a time without an offset says what is wanted', async () => {
    expect(errorOf(await ask('/v1/counts', 'from=2026-11-29T12:00:00.123456')).detail).toBe(
      'Parameter from: write the offset from UTC after the time: Z, or for example +01:00.',
    );
  });
});

describe('what leaves no doubt is accepted', () => {
  test.each([
    '2026-11-29T12:00:00%2B00:00',
    '2026-11-29T12:00:00+00:00',
    '2026-11-29T12:00:00.123456%2B01:00',
    '2026-11-29T12:00:00-05:00',
    '2026-11-29T12:00:00.5Z',
    '2026-11-29%2012:00:00%2B00:00',
  ])('the time %s', async (from) => {
    const answer = await ask('/v1/counts', `from=${from}`);
    expect(answer.statusCode).toBe(200);
    countsReport.parse(JSON.parse(answer.body));
  });

  test.each(['100%20%25', 'a%2Fb'])('the name %s in a path', async (name) => {
    const answer = await ask(`/v1/tools/${name}`);
    expect(JSON.parse(answer.body)).toMatchObject({ tool: { tool_name: decodeURIComponent(name) } });
    expect((await ask(`/v1/tools/${name}/trend`)).statusCode).toBe(200);
  });

  test('a name that no tool has is not found', async () => {
    expect((await ask('/v1/tools/%25')).statusCode).toBe(404);
  });

  test('a request that carries what reading does not need', async () => {
    const odd = { headers: { 'user-agent': '€', cookie: 'ü=\n' }, body: { a: 1 }, domainName: 'no host' };
    expect((await ask('/v1/tools', '', odd)).statusCode).toBe(200);
    expect((await ask('/v1/tools', '', { method: 'TRACE' })).headers).toMatchObject({ allow: 'GET, HEAD' });
  });

  test('a tenant that is none is refused, and never taken for the operator', async () => {
    for (const tenant of ['€', '', ' ', 'a\nb'])
      expect((await ask('/v1/tools', '', { headers: { 'x-tenant-id': tenant } })).statusCode).toBe(400);
  });
});

describe('whatever a client sends while the store is well', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
    fc.constantFrom('\0', '%', '%E0%A4%A', '2026-11-29T12:00:00+00:00', '0000-01-01T00:00:00Z', '60', '-1', 'ours'),
    fc.integer().map(String),
    fc.date({ noInvalidDate: false }).map(String),
  );
  const parameterName = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(...Object.values(ENDPOINTS).flatMap(({ query }) => Object.keys(query.shape))),
    },
    { weight: 1, arbitrary: text },
  );
  const query = fc.oneof(
    fc.array(fc.tuple(parameterName, text), { maxLength: 4 }).map((pairs) => new URLSearchParams(pairs)),
    fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  );
  const path = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...Object.keys(ENDPOINTS)) },
    { weight: 4, arbitrary: text.map((name) => `/v1/tools/${encodeURIComponent(Buffer.from(name).toString())}`) },
    { weight: 2, arbitrary: text.map((id) => `/v1/webhooks/${encodeURIComponent(Buffer.from(id).toString())}`) },
    { weight: 2, arbitrary: text.map((name) => `/v1/tools/${name}`) },
    { weight: 1, arbitrary: text },
  );
  const method = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('GET', 'HEAD') },
    { weight: 1, arbitrary: fc.oneof(fc.constantFrom('POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'get'), text) },
  );
  const headers = fc.dictionary(fc.oneof(fc.constantFrom('x-tenant-id', 'host', 'cookie'), text), text, { maxKeys: 3 });

  test('the API answers it, or says what to write: never an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(path, query, method, headers, fc.boolean(), async (where, asked, how, sent, hasBody) => {
        const answer = await ask(where, String(asked), {
          method: how,
          headers: sent,
          ...(hasBody && { body: { a: 1 } }),
        });
        expect(answer.statusCode).toBeLessThan(500);
        expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
        if (how.toUpperCase() === 'HEAD') expect(answer.body).toBe('');
        else if (answer.statusCode !== 200) errorOf(answer);
        expect(errors).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  const args = fc.record(
    {
      tool: fc.oneof(text, fc.anything()),
      fault: fc.oneof(fc.constantFrom('ours', 'mine'), fc.anything()),
      verdict: fc.oneof(fc.constantFrom('healthy', 'mine'), fc.anything()),
      minutes: fc.oneof(fc.integer({ min: -1, max: 20_000 }), fc.double(), fc.anything()),
      limit: fc.oneof(fc.integer({ min: -1, max: 200 }), fc.anything()),
    },
    { requiredKeys: [] },
  );

  test.each([
    ['recent_failures', recentFailures],
    ['tool_health', toolHealth],
  ])('%s answers it, or says that it is the caller’s: never ours or the platform’s', async (_, tool) => {
    await fc.assert(
      fc.asyncProperty(args, async (given) => {
        // As arguments arrive: as JSON.
        const answer = await tool(
          JSON.parse(JSON.stringify(given, (_key, value) => (typeof value === 'bigint' ? null : value))),
          aContext(),
        );
        if ('isError' in answer) expect(answer).toMatchObject({ code: 'INVALID_INPUT', fault: 'caller' });
        expect(errors).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('the telemetry tools and the API have one schema for each argument', () => {
  test.each([{ tool: '' }, { tool: 'a\u0000' }, { minutes: 0 }, { limit: 1_000 }, { fault: 'mine' }])(
    'recent_failures refuses %o as the caller’s mistake and does not ask',
    async (given) => {
      lambda.invoked.length = 0;
      expect(await recentFailures(given, aContext())).toMatchObject({ code: 'INVALID_INPUT', fault: 'caller' });
      expect(lambda.invoked).toEqual([]);
    },
  );
});

describe('whatever a request asks for, by the schemas of its parameters', () => {
  /** Of another tenant than the one that asks. */
  const CANARY = 'canary-of-zenith';
  beforeAll(async () => {
    const own = { tenant_id: 'zenith', user_id: CANARY, session_id: CANARY, client_name: CANARY, provider: CANARY };
    const more = { domain: `${CANARY}.example`, error_type: CANARY, error_message: CANARY, correlation_id: CANARY };
    await store(
      db.as('writer'),
      (['tool', 'webhook', 'rule', 'sync'] as const).flatMap((kind) => [
        anInvocation({ ...own, ...more, kind, name: `${CANARY}-${kind}`, fault: 'dependency' }),
        anInvocation({ tenant_id: 'acme', kind, name: 'a/b', session_id: 's', user_id: 'u', domain: 'd.example' }),
      ]),
    );
    await refresh(db.as('refresher'));
  });

  const hostile = fc.constantFrom(
    '',
    '%',
    "' or 1=1 --",
    '\0',
    '\ud800',
    '*',
    '<script>',
    '1e9',
    '-1',
    'x'.repeat(600),
    'NaN',
  );
  const known = fc.constantFrom('a/b', 'acme', 'zenith', CANARY, 's', 'u', 'd.example', 'c-1', '100 %');
  const times = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());

  /** Values for a parameter: most of them as its schema takes them, some not. */
  const valuesOf = (schema: Record<string, unknown>): fc.Arbitrary<string> => {
    const { enum: words, type, format, minimum = 0, maximum = 1 } = schema;
    if (Array.isArray(words)) return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...words.map(String)) }, hostile);
    if (type === 'integer')
      return fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: Number(minimum), max: Number(maximum) }).map(String) },
        hostile,
      );
    if (format === 'date-time')
      return fc.oneof(
        {
          weight: 5,
          arbitrary: fc.integer({ min: 0, max: 6 * 86_400_000 }).map((ms) => new Date(Date.now() - ms).toISOString()),
        },
        times,
        hostile,
      );
    return fc.oneof({ weight: 5, arbitrary: known }, hostile, fc.string({ unit: 'binary', maxLength: 40 }));
  };

  const queryOf = (schema: z.ZodObject): fc.Arbitrary<Record<string, string | undefined>> => {
    const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    const arbitraries = Object.entries(properties).map(([name, value]) => [
      name,
      valuesOf(value as Record<string, unknown>),
    ]);
    return fc.record(Object.fromEntries(arbitraries), { requiredKeys: [] });
  };

  test.each(Object.entries(ENDPOINTS))(
    '%s never fails, never shows another tenant’s row, and has an end',
    async (path, { query }) => {
      await fc.assert(
        fc.asyncProperty(
          queryOf(query),
          fc.oneof(known, hostile),
          fc.constantFrom('acme', undefined),
          async (asked, part, tenant) => {
            const given = path.replace(/:\w+/, () => encodeURIComponent(Buffer.from(part).toString()));
            const search = new URLSearchParams(JSON.parse(JSON.stringify(asked))).toString();
            const answer = await ask(given, search, { headers: tenant === undefined ? {} : { 'x-tenant-id': tenant } });
            expect(answer.statusCode, answer.body).toBeLessThan(500);
            expect(answer.body.length).toBeLessThan(4_000_000);
            // What is asked for may be repeated in the sentence that says what is wrong with it.
            if (tenant !== undefined && answer.statusCode === 200)
              expect(withoutFilters(answer.body)).not.toContain(CANARY);
            expect(errors).toEqual([]);
          },
        ),
        { numRuns: 12 },
      );
    },
  );
});

/** An answer without the filters that it repeats. */
const withoutFilters = (body: string): string => {
  try {
    return JSON.stringify(JSON.parse(body), (key, value) =>
      ['filters', 'tool_name'].includes(key) ? undefined : value,
    );
  } catch {
    return body;
  }
};
