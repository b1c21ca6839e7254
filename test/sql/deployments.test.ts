import { afterAll, beforeAll, expect, test } from 'vitest';
import { deploymentsReport } from '../../lambdas/contract/reports.ts';
import { asOperator, asTenant } from '../../lambdas/database/as-tenant.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { migrate } from '../../lambdas/migrate/migrate.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const deployed = await testDatabase();
const db = await testDatabase();
const deploy = (version: string) =>
  deployed.as('owner').run((client) => migrate(client, { deployment: { version, environment: 'production' } }));
const versions = async () =>
  (await deployed.rows<{ version: string }>('select version from analytics.deployments order by deployment_id')).map(
    ({ version }) => version,
  );

test('each deployment is stored once, however often its migration runs, and so is a rollback', async () => {
  await Promise.all([deploy('one'), deploy('one'), deploy('one')]);
  await deploy('two');
  await deploy('two');
  await deploy('one');
  expect(await versions()).toEqual(['one', 'two', 'one']);
});

test('a migration run manually is not a deployment', async () => {
  const before = await versions();
  await deployed.as('owner').run((client) => migrate(client));
  expect(await versions()).toEqual(before);
});

/** The deployment was three hours ago, at 3 minutes past this hour: calls between :00 and :05 count on neither side. */
const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3 * 3_600_000;
const at = (minutes: number) => new Date(hour + minutes * 60_000);

const calls = (count: number, failures: number, minutes: number, name = 'search') =>
  Array.from({ length: count }, (_, index) =>
    anInvocation({ name, started_at: at(minutes).toISOString(), ...(index < failures ? { fault: 'ours' } : {}) }),
  );

const since = 'select * from analytics.errors_since_deployment order by tool_name';

beforeAll(async () => {
  await db
    .as('owner')
    .run((client) =>
      client.query(
        "insert into analytics.deployments (version, environment, started_at, migrations) values ('v3', 'e', $1, '{}')",
        [at(3)],
      ),
    );
  await store(db.as('writer'), [
    ...calls(3, 3, -25 * 60),
    ...calls(20, 1, -90),
    ...calls(20, 1, -2),
    ...calls(50, 50, 1),
    ...calls(4, 2, 6),
    ...calls(6, 3, 70),
    ...calls(2, 0, 70, 'brand_new'),
    anInvocation({ name: 'search', started_at: at(80).toISOString(), error_code: 'INVALID_INPUT', fault: 'caller' }),
  ]);
  await refresh(db.as('refresher'));
});

test("a tool's calls are counted since the newest deployment and in the day before it", async () => {
  const rows = await asOperator(db.as('reader'), async (client) => (await client.query(since)).rows);
  expect(rows).toMatchObject([
    {
      tool_name: 'brand_new',
      version: 'v3',
      calls: 2,
      failures: 0,
      calls_before: 0,
      failure_rate_pct_before: null,
    },
    {
      tool_name: 'search',
      deployed_at: at(3),
      calls: 11,
      failures: 5,
      failure_rate_pct: 45.45,
      calls_before: 40,
      failures_before: 2,
      failure_rate_pct_before: 5,
    },
  ]);
});

test('the API lists deployments, newest first, and names the parameters it takes', async () => {
  const server = await serveApi(db.as('reader'), [], { TOOLWATCH_TENANTS: 'off' });
  afterAll(server.close);
  const report = deploymentsReport.parse(await (await fetch(`${server.url}/v1/deployments`)).json());
  expect(report.deployments).toEqual([
    { version: 'v3', environment: 'e', started_at: at(3).toISOString(), migrations: [] },
  ]);
  expect(report.tools[0]).toMatchObject({ tool_name: 'search', failures: 5, failure_rate_pct: 45.45 });
  const rejected = await fetch(`${server.url}/v1/deployments?days=1`);
  expect((await rejected.json()).detail).toBe('Unknown parameter days: this path takes limit, format.');
});

test('each of several tenants sees exactly its own calls, to the same five minutes', async () => {
  const read = (tenant: string) =>
    asTenant(db.as('reader'), tenant, async (client) => (await client.query(since)).rows);
  const [alone, operator] = [
    await read('default'),
    await asOperator(db.as('reader'), async (client) => (await client.query(since)).rows),
  ];
  expect(alone).toEqual(operator);
  await store(db.as('writer'), [
    anInvocation({ tenant_id: 'acme', name: 'search', started_at: at(-30).toISOString(), fault: 'ours' }),
    anInvocation({ tenant_id: 'acme', name: 'search', started_at: at(7).toISOString() }),
  ]);
  await refresh(db.as('refresher'));
  expect(await read('default')).toEqual(alone);
  expect(await read('acme')).toMatchObject([
    { tool_name: 'search', version: 'v3', calls: 1, failures: 0, calls_before: 1, failures_before: 1 },
  ]);
  expect(await read('nobody')).toEqual([]);
});
