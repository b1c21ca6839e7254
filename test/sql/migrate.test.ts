import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    return await migrate(client, options);
  } finally {
    await client.end();
  }
};

test('twenty at once on an empty database apply each migration once', async () => {
  const results = await Promise.all(Array.from({ length: 20 }, () => run(empty.urlFor('owner'))));
  const applied = results.flatMap((result) => result.applied);
  expect(applied).toEqual([...new Set(applied)]);
  expect(applied.length).toBeGreaterThan(3);
  expect(results.filter(({ viewsRebuilt }) => viewsRebuilt).length).toBe(1);
});

test('a second time does nothing', async () => {
  expect(await run(db.urlFor('owner'))).toEqual({ applied: [], viewsRebuilt: false });
});

test('a changed view is rebuilt, with its data, and nothing else is touched', async () => {
  const view = join(folder, 'views/160-tool-invocations.sql');
  writeFileSync(view, readFileSync(view, 'utf8').replace('gpt_name,', "gpt_name || '' as gpt_name,"));
  expect(await run(db.urlFor('owner'), { folder: copy })).toEqual({ applied: [], viewsRebuilt: true });
  expect(await run(db.urlFor('owner'), { folder: copy })).toEqual({ applied: [], viewsRebuilt: false });
  expect(await db.rows('select * from analytics.tool_error_rate_24h')).toEqual([]);
});

test('a migration edited after it was applied is refused by name', async () => {
  const file = join(folder, 'migrations/0004-settings-and-logs.sql');
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, `${before}\nselect 1;`);
  await expect(run(db.urlFor('owner'), { folder: copy })).rejects.toThrow(
    /^0004-settings-and-logs.sql was edited after it was applied/,
  );
  writeFileSync(file, before);
  await expect(run(db.urlFor('owner'), { folder: copy })).resolves.toMatchObject({ applied: [] });
});

test('a migration that fails leaves nothing of itself and names itself', async () => {
  const file = join(folder, 'migrations/9999-broken.sql');
  writeFileSync(file, 'create table analytics.half (); select 1 / 0;');
  await expect(run(db.urlFor('owner'), { folder: copy })).rejects.toThrow('9999-broken.sql: division by zero');
  expect(await db.rows("select to_regclass('analytics.half') as half")).toEqual([{ half: null }]);
  rmSync(file);
});

test("the thresholds are exactly the tools'", async () => {
  const slow = { name: 'slow', p95_ms: 9_000, error_rate: 0.1, min_calls: 5, min_errors: 2 };
  const fast = { ...slow, name: 'fast', p95_ms: 10 };
  await run(db.urlFor('owner'), { thresholds: [slow, fast] });
  await run(db.urlFor('owner'), { thresholds: [{ ...fast, p95_ms: 20 }] });
  await run(db.urlFor('owner'));
  expect(await db.rows('select * from analytics.tool_thresholds')).toEqual([{ ...fast, p95_ms: 20 }]);
});

test('sql/schema.sql is what the migrations and views make (npm run migrate -- --write-schema writes it)', async () => {
  const fresh = await testDatabase();
  const schema = await fresh.as('owner').run((client) => describeSchema(client));
  expect(readFileSync(join(root, 'sql/schema.sql'), 'utf8')).toBe(schema);
});
