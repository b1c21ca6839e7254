import fc from 'fast-check';
import Papa from 'papaparse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callsReport } from '../../lambdas/contract/api/calls.ts';
import { ENDPOINTS, type Endpoint } from '../../lambdas/contract/endpoints.ts';
import { problem } from '../../lambdas/contract/problem.ts';
import { toRoute } from '../../lambdas/contract/request-names.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { migrate } from '../../lambdas/migrate/migrate.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { aJob, storeJobs } from '../support/a-job.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';
import { shopDayCalls, storeShopDayEvents } from '../support/shop-day.ts';

const db = await testDatabase();
const api = await serveApi(db.as('reader'));
afterAll(api.close);

/** Texts with all that CSV and spreadsheets treat specially. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', ',', '\n', '\r', '\t', ';', "'", '=', '+', '-', '@', '😀', '＝', ' ', '7', '\u2028', '\ufeff'),
    // NUL is the one character that PostgreSQL does not store.
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((character) => character !== '\0'),
  ),
  maxLength: 12,
});
const TEXTS = ['', '-5', '=1+1', '-5e-7', '+49 170', ...fc.sample(anyText, 140)];
const NOW = Date.now();
/** Calls under a name that no other test asks for. */
const oddCalls = TEXTS.map((error_message, at) =>
  anInvocation({
    name: 'odd_texts',
    started_at: new Date(NOW - 60_000 - at).toISOString(),
    success: false,
    error_message,
    tenant_id: at % 2 ? 'acme' : 'globex',
  }),
);
const shopCalls = [false, true].map((success) =>
  anInvocation({ provider: 'woocommerce', domain: 'shop.example.com', success, measures: { revenue: 12.5 } }),
);

const JOB = aJob({ received_at: new Date(NOW - 3_600_000).toISOString() });

beforeAll(async () => {
  await db.as('owner').run((client) => migrate(client, { deployment: { version: 'v1', environment: 'test' } }));
  await store(db.as('writer'), [
    ...shopDayCalls(),
    ...shopCalls,
    ...oddCalls,
    anInvocation({ correlation_id: JOB.job_id }),
  ]);
  await storeShopDayEvents(db);
  await storeJobs(db, JOB, ...TEXTS.slice(0, 20).map((error_message) => aJob({ status: 'error', error_message })));
  await refresh(db.as('refresher'));
});

const parseCsv = (text: string) => {
  const { data, errors } = Papa.parse<string[]>(text.slice(0, -2), { delimiter: ',', newline: '\r\n' });
  expect(errors).toEqual([]);
  const [header = [], ...rows] = data;
  return { header, rows };
};

const getCsv = async (path: string, tenant?: string) => {
  const response = await api.get(path, tenant === undefined ? {} : { headers: { 'x-tenant-id': tenant } });
  expect([response.status, response.headers.get('content-type')], path).toEqual([
    200,
    'text/csv; charset=utf-8; header=present',
  ]);
  const bytes = new Uint8Array(await response.arrayBuffer());
  // A mark of the byte order at the beginning would be taken for a part of the first name by most readers.
  expect(bytes[0]).not.toBe(0xef);
  return { ...parseCsv(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), headers: response.headers };
};

/** What a cell of a spreadsheet has to be for a value that was answered as JSON. */
const expectedCell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  const isFormula = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) && !/^-?[\d.]+(e-?\d+)?$/.test(value);
  return isFormula ? `'${value}` : String(value);
};
const find = (answer: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], answer);

/** The names of all values in an element, of which only objects that may have any keys are values themselves. */
const namesIn = (value: unknown, header: readonly string[], name = ''): string[] =>
  typeof value !== 'object' || value === null || Array.isArray(value) || header.includes(name)
    ? [name]
    : Object.entries(value).flatMap(([key, inner]) => namesIn(inner, header, name === '' ? key : `${name}.${key}`));

const PARAMETERS: Readonly<Record<string, string>> = {
  '/v1/counts': `&from=${new Date(Date.now() - 3_600_000).toISOString()}&quarters=8`,
  '/v1/calls': '&kind=all&minutes=1440',
};
const withoutParameters = async (path: string): Promise<string> => {
  const json = async (of: string) => (await api.get(of)).json();
  if (path === '/v1/sessions/:id') {
    const { sessions } = await json('/v1/sessions');
    return `/v1/sessions/${sessions[0].session_id}`;
  }
  if (path === '/v1/jobs/:id') return `/v1/jobs/${JOB.job_id}`;
  if (path === '/v1/alert-rules/:name') {
    const { rules } = await json('/v1/alert-rules');
    return `/v1/alert-rules/${rules.find(({ state }: { state: { held_for: number } }) => state.held_for > 0).name}`;
  }
  return path.replace(':name', 'order_status');
};

const LISTS = Object.entries<Endpoint>(ENDPOINTS).flatMap(([path, { list }]) => (list ? [{ path, list }] : []));

describe('each list', () => {
  test.each(LISTS)('$path has in CSV what it has in JSON', async ({ path, list }) => {
    const asked = `${await withoutParameters(path)}?format=`;
    const answer = await (await api.get(`${asked}json${PARAMETERS[path] ?? ''}`)).json();
    const elements = find(answer, list) as object[];
    const { header, rows, headers } = await getCsv(`${asked}csv${PARAMETERS[path] ?? ''}`);
    expect(elements.length, 'nothing is compared').toBeGreaterThan(0);
    // What has grown between the two answers is not compared.
    const isStable = (name: string) => !/seconds|^days_since_/.test(name);
    const compared = header.filter(isStable);
    expect(rows.map((row) => compared.map((name) => row[header.indexOf(name)]))).toEqual(
      elements.map((element) => compared.map((name) => expectedCell(find(element, name)))),
    );
    const isObjectThatIsNull = (name: string) => header.some((column) => column.startsWith(`${name}.`));
    const named = elements.flatMap((element) => namesIn(element, header)).filter((name) => !isObjectThatIsNull(name));
    expect(named.filter((name) => !header.includes(name))).toEqual([]);
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="toolwatch-[a-z-]+-\d{4}-\d\d-\d\d\.csv"$/,
    );
  });

  test('has columns of objects that are null, and of those that are not', async () => {
    const { header } = await getCsv('/v1/providers?format=csv');
    expect(header).toEqual(expect.arrayContaining(['failures.dependency', 'domains', 'before.calls', 'before.p95_ms']));
  });

  test('is offered, or its answer is not a list', () => {
    const lists = ({ shape }: NonNullable<Endpoint['answer']>) =>
      Object.values(shape).filter((field) => field._zod.def.type === 'array').length;
    const withOne = Object.entries<Endpoint>(ENDPOINTS)
      .filter(([, { answer, list }]) => answer && lists(answer) === 1 && list === undefined)
      .map(([path]) => path);
    // The elements of two are lists themselves; that of the store is a part of a report.
    expect(withOne).toEqual(['/v1/trends', '/api/observability/metrics/snapshot', '/v1/store']);
  });
});

/** All rows of a list, by the links from page to page. */
const readPages = async (first: string, tenant?: string) => {
  const rows: string[][] = [];
  let path: string | undefined = first;
  let pages = 0;
  let header: string[] = [];
  while (path !== undefined) {
    const page = await getCsv(path, tenant);
    header = page.header;
    rows.push(...page.rows);
    pages += 1;
    const link = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
    path = link && new URL(link, new URL(path, 'http://api')).href.replace('http://api', '');
  }
  return { header, rows, pages };
};

test('pages follow each other by their links, with every stored text as it is', async () => {
  const { header, rows, pages } = await readPages('/v1/calls?name=odd_texts&limit=50&format=csv');
  expect(pages).toBe(3);
  const column = (name: string) => rows.map((row) => row[header.indexOf(name)]);
  expect(column('event_id')).toEqual(oddCalls.map(({ event_id }) => event_id));
  const stored = await db.rows<{ error_message: string | null }>(
    `select error_message from analytics.invocations where name = 'odd_texts' order by started_at desc`,
  );
  expect(column('error_message')).toEqual(stored.map(({ error_message }) => expectedCell(error_message)));
});

test('a tenant has its rows only', async () => {
  const path = '/v1/calls?name=odd_texts&limit=100&format=csv';
  const { header, rows } = await readPages(path, 'acme');
  const own = oddCalls.filter(({ tenant_id }) => tenant_id === 'acme').map(({ event_id }) => event_id);
  expect(rows.map((row) => row[header.indexOf('event_id')])).toEqual(own);
});

describe('a list in CSV', () => {
  const path = '/v1/calls?name=odd_texts&limit=100&to=2027-01-01T00:00:00Z&minutes=10080&format=csv';
  const steady = `/v1/calls?name=odd_texts&limit=100&from=${new Date(Date.now() - 3_600_000).toISOString()}&format=csv`;

  test('has an identifier by which it is not sent again, and none of the same list in JSON', async () => {
    const etag = (await api.get(steady)).headers.get('etag') ?? '';
    const again = await api.get(steady, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const json = await api.get(steady.replace('csv', 'json'), { headers: { 'if-none-match': etag } });
    expect(json.status).toBe(200);
    expect(callsReport.safeParse(await json.json()).success).toBe(true);
  });

  test('is answered to HEAD without a body', async () => {
    const answers = await Promise.all(['GET', 'HEAD'].map((method) => api.get(steady, { method })));
    const [get, head] = answers.map(({ status, headers }) => ({
      status,
      ...Object.fromEntries(['content-type', 'content-disposition', 'link', 'etag'].map((h) => [h, headers.get(h)])),
    }));
    expect(head).toEqual(get);
    expect(await answers[1]?.text()).toBe('');
  });

  test('without rows is its header', async () => {
    const { header, rows } = await getCsv('/v1/calls?name=nobody&format=csv');
    expect([header.slice(0, 3), rows]).toEqual([['event_id', 'started_at', 'kind'], []]);
  });

  test('that is refused is refused as in JSON', async () => {
    const refusals = [
      [path.replace('name=odd_texts', 'name=%00'), 400, ['name']],
      ['/v1/calls?format=xml', 400, ['format']],
      ['/v1/calls?format=csv&format=csv', 400, ['format']],
      ['/v1/tools/nobody/trend?format=csv&hours=2', 400, ['hours']],
      ['/v1/alert-rules/nobody?format=csv', 404, undefined],
    ] as const;
    for (const [asked, status, parameters] of refusals) {
      const response = await api.get(asked);
      const { data } = problem.safeParse(await response.json());
      expect([response.status, data?.parameters], asked).toEqual([status, parameters]);
    }
    const ofTenant = await api.get('/v1/incidents?format=csv', { headers: { 'x-tenant-id': 'acme' } });
    expect([ofTenant.status, ofTenant.headers.get('content-type')]).toEqual([403, 'application/problem+json']);
  });

  test('is refused where there is none, with the paths that have one', async () => {
    for (const asked of ['/v1/store?format=csv', '/health?format=json', '/?format=csv']) {
      const response = await api.get(asked);
      const { detail, parameters } = problem.parse(await response.json());
      expect([response.status, parameters]).toEqual([400, ['format']]);
      for (const { path: offered } of LISTS) expect(detail).toContain(toRoute(offered));
    }
  });
});
