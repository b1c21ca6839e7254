import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { type MigrateOptions, migrate } from '../../lambdas/migrate/migrate.ts';
import { describeSchema } from '../../lambdas/migrate/schema.ts';
import { testDatabase } from '../support/database.ts';
import { root } from '../support/source-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'toolwatch-sql-'));
cpSync(join(root, 'sql'), folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const copy = pathToFileURL(`${folder}/`);

const empty = await testDatabase({ empty: true });
const db = await testDatabase();

const run = async (url: string, options: MigrateOptions = {}) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // An older schema has no place for them.
    return await migrate(client, options.folder ? { alertRules: [], ...options } : options);
  } finally {
    await client.end();
  }
};

test('twenty migrators at the same time on an empty database apply each migration once', async () => {
  const results = await Promise.all(Array.from({ length: 20 }, () => run(empty.urlFor('owner'))));
  const applied = results.flatMap((result) => result.applied);
  expect(applied).toEqual([...new Set(applied)]);
  expect(applied.length).toBeGreaterThan(3);
  expect(results.filter(({ viewsRebuilt }) => viewsRebuilt).length).toBe(1);
});

test('a second run does nothing', async () => {
  expect(await run(db.urlFor('owner'))).toEqual({ applied: [], viewsRebuilt: false });
});

test('a changed view is rebuilt with its data, and nothing else changes', async () => {
  const view = join(folder, 'views/160-tool-invocations.sql');
  writeFileSync(view, readFileSync(view, 'utf8').replace('gpt_name,', "gpt_name || '' as gpt_name,"));
  expect(await run(db.urlFor('owner'), { folder: copy })).toEqual({ applied: [], viewsRebuilt: true });
  expect(await run(db.urlFor('owner'), { folder: copy })).toEqual({ applied: [], viewsRebuilt: false });
  expect(await db.rows('select * from analytics.tool_error_rate_24h')).toEqual([]);
});

/** A folder with the migrations up to this one, and without views. */
const folderUpTo = (lastMigration: string): URL => {
  const older = mkdtempSync(join(folder, 'older-'));
  mkdirSync(join(older, 'views'));
  mkdirSync(join(older, 'migrations'));
  for (const name of readdirSync(join(root, 'sql/migrations')).filter((file) => file <= lastMigration))
    cpSync(join(root, 'sql/migrations', name), join(older, 'migrations', name));
  // The migrator creates the days' partitions by this function.
  for (const name of ['100-clock.sql', '120-make-days.sql'])
    cpSync(join(root, 'sql/views', name), join(older, 'views', name));
  return pathToFileURL(`${older}/`);
};

const AN_OPERATOR_CELL = `(bucket, kind, name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries,
    request_bytes, response_bytes, cost_usd, last_started_at, histogram)
  values (now(), 'tool', $1, '', '', false, 3, 30, 0.01, 0.01, 0, 0, 0, 0, now(), '{1}')`;

test('a database at migration 0007 has its merged window under the new name after 0008', async () => {
  const old = await testDatabase({ empty: true });
  await run(old.urlFor('owner'), { folder: folderUpTo('0007-statements.sql') });
  await old.rows(`insert into rollup.house_window ${AN_OPERATOR_CELL}`, ['search']);

  expect(await run(old.urlFor('owner'), { folder: folderUpTo('0008-operator-window.sql') })).toMatchObject({
    applied: ['0008-operator-window.sql'],
  });
  expect(await run(old.urlFor('owner'))).toMatchObject({ viewsRebuilt: true });
  expect(await old.rows('select name, calls from rollup.operator_window')).toEqual([{ name: 'search', calls: 3 }]);
  expect(await old.rows("select to_regclass('rollup.house_window') as old_name")).toEqual([{ old_name: null }]);
  const schema = await old.as('owner').run((client) => describeSchema(client));
  expect(readFileSync(join(root, 'sql/schema.sql'), 'utf8')).toBe(schema);
});

test('until the views are rebuilt, roll-up finds the renamed window under its old name', async () => {
  const old = await testDatabase({ empty: true });
  await run(old.urlFor('owner'), { folder: folderUpTo('0007-statements.sql') });
  await old.rows(readFileSync(join(root, 'sql/migrations/0008-operator-window.sql'), 'utf8'));
  await old.rows(`insert into rollup.house_window ${AN_OPERATOR_CELL}`, ['search']);
  expect(await old.rows('select name from rollup.operator_window')).toEqual([{ name: 'search' }]);
  await old.rows("delete from rollup.house_window using analytics.horizon where name = 'search'");
  expect(await old.rows('select name from rollup.operator_window')).toEqual([]);
});

test('failures of tools that do not exist are one group for each error type after 0009', async () => {
  const old = await testDatabase({ empty: true });
  await run(old.urlFor('owner'), { folder: folderUpTo('0008-operator-window.sql') });
  await old.rows(`
    insert into rollup.error_hour
    select 'acme', date_bin('1 hour', now(), 'epoch'), 'tool', name, fingerprint, 'INVALID_INPUT', 'caller', 2, now(),
      now(), 'unknown_tool', 'There is no tool', '1', gen_random_uuid()
    from (values ('_OTHER', 'v1:a'), ('_OTHER', 'v1:b'), ('search', 'v1:c')) as failed (name, fingerprint)`);
  await run(old.urlFor('owner'));
  expect(await old.rows('select name, fingerprint, calls from rollup.error_hour order by name')).toEqual([
    { name: '_OTHER', fingerprint: 'unknown_tool', calls: 4 },
    { name: 'search', fingerprint: 'v1:c', calls: 2 },
  ]);
});

test('failures that were counted before 0020 are groups after it, at most as many as there may be', async () => {
  const old = await testDatabase({ empty: true });
  await run(old.urlFor('owner'), { folder: folderUpTo('0018-alert-rules.sql') });
  await old.rows(`
    insert into rollup.error_hour
    select
      'acme', date_bin('1 hour', now() - hours * interval '1 hour', 'epoch'), 'tool', 'search', 'v2:' || fingerprint,
      'INTERNAL_ERROR', 'ours', 2, now() - hours * interval '1 hour', now() - hours * interval '1 hour', 'TypeError',
      'x is not a function', '1', gen_random_uuid()
    from generate_series(1, 150) as fingerprint, generate_series(1, 2) as hours`);
  await run(old.urlFor('owner'));
  expect(
    await old.rows('select count(*)::integer as groups, sum(calls)::integer as calls from rollup.error_groups'),
  ).toEqual([{ groups: 101, calls: 600 }]);
  expect(await old.rows('select * from rollup.total_differences()')).toEqual([]);
});

test('a migration that was edited after it was applied is refused by name', async () => {
  const file = join(folder, 'migrations/0004-settings-and-logs.sql');
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, `${before}\nselect 1;`);
  await expect(run(db.urlFor('owner'), { folder: copy })).rejects.toThrow(
    /^0004-settings-and-logs.sql was edited after it was applied/,
  );
  writeFileSync(file, before);
  await expect(run(db.urlFor('owner'), { folder: copy })).resolves.toMatchObject({ applied: [] });
});

test('a migration that fails leaves nothing behind and is named in the error', async () => {
  const file = join(folder, 'migrations/9999-broken.sql');
  writeFileSync(file, 'create table analytics.half (); select 1 / 0;');
  await expect(run(db.urlFor('owner'), { folder: copy })).rejects.toThrow('9999-broken.sql: division by zero');
  expect(await db.rows("select to_regclass('analytics.half') as half")).toEqual([{ half: null }]);
  rmSync(file);
});

test('the stored thresholds are exactly those of the given tools', async () => {
  const slow = { name: 'slow', p95_ms: 9_000, error_rate: 0.1, min_calls: 5, min_errors: 2 };
  const fast = { ...slow, name: 'fast', p95_ms: 10, objective: 0.99 };
  await run(db.urlFor('owner'), { thresholds: [slow, fast] });
  await run(db.urlFor('owner'), { thresholds: [{ ...fast, p95_ms: 20 }] });
  await run(db.urlFor('owner'));
  expect(await db.rows('select * from analytics.tool_thresholds')).toEqual([{ ...fast, p95_ms: 20 }]);
});

test('sql/schema.sql is current (npm run migrate -- --write-schema writes it)', async () => {
  const fresh = await testDatabase();
  const schema = await fresh.as('owner').run((client) => describeSchema(client));
  expect(readFileSync(join(root, 'sql/schema.sql'), 'utf8')).toBe(schema);
});
