import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { configurationOf } from '../../lambdas/database/configuration.ts';
import { isConnectionLost, openDatabase } from '../../lambdas/database/database.ts';
import { testDatabase } from '../support/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'toolwatch-connection-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  vi.unstubAllEnvs();
});

test('a function signs in by a token made for each connection, over TLS it verifies', async () => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  const authorities = join(folder, 'authorities.pem');
  writeFileSync(authorities, 'PEM');
  const configuration = configurationOf({
    DATABASE_HOST: 'db.example',
    DATABASE_PORT: 5432,
    DATABASE_NAME: 'toolwatch',
    DATABASE_USER: 'toolwatch_writer',
    DATABASE_CA_FILE: authorities,
  });
  expect(configuration).toMatchObject({ user: 'toolwatch_writer', ssl: { ca: 'PEM', rejectUnauthorized: true } });
  const token = typeof configuration.password === 'function' ? await configuration.password() : '';
  expect(token).toMatch(/^db\.example:5432\/\?Action=connect&DBUser=toolwatch_writer&.*X-Amz-Expires=900/);
});

test('nothing is opened before the first work, and one connection serves all that follow', async () => {
  const db = await testDatabase();
  const database = openDatabase({ connectionString: db.urlFor('reader') });
  const connections =
    "select count(*) as open from pg_stat_activity where datname = current_database() and usename = 'toolwatch_reader'";
  expect(await db.rows(connections)).toEqual([{ open: 0 }]);
  const pids = new Set<number>();
  for (let work = 0; work < 5; work += 1)
    pids.add(await database.run(async (client) => (await client.query('select pg_backend_pid() as pid')).rows[0].pid));
  expect(pids.size).toBe(1);
  expect(await db.rows(connections)).toEqual([{ open: 1 }]);
  await database.close();
});

test('work is done again once when the connection is lost, and never when the statement is to blame', async () => {
  const db = await testDatabase();
  const database = db.as('writer');
  let attempts = 0;
  const worksOnTheSecond = () =>
    database.run(async (client) => {
      attempts += 1;
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      if (attempts === 1) await db.rows('select pg_terminate_backend($1)', [rows[0]?.pid]);
      return (await client.query<{ one: number }>('select 1 as one')).rows[0]?.one;
    });
  expect(await worksOnTheSecond()).toBe(1);
  expect(attempts).toBe(2);

  let tries = 0;
  const wrong = database.run((client) => {
    tries += 1;
    return client.query('select 1 / 0');
  });
  await expect(wrong).rejects.toThrow('division by zero');
  expect(tries).toBe(1);
  expect(isConnectionLost(new Error('Connection terminated unexpectedly'))).toBe(true);
  expect(isConnectionLost(Object.assign(new Error('no'), { code: '23505' }))).toBe(false);
});

test('a server that is not there is an error, after one more try', async () => {
  const database = openDatabase({ host: '127.0.0.1', port: 1, user: 'x', database: 'x' });
  await expect(database.run((client) => client.query('select 1'))).rejects.toThrow('ECONNREFUSED');
});
