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

test('a function signs in with a new token for each database connection, over TLS that it verifies', async () => {
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

test('no database connection is opened before the first query, and all queries share one', async () => {
  const db = await testDatabase();
  const database = openDatabase({ connectionString: db.urlFor('reader') });
  const connections =
    "select count(*) as open from pg_stat_activity where datname = current_database() and usename = 'toolwatch_reader'";
  expect(await db.rows(connections)).toEqual([{ open: 0 }]);
  const pids = new Set<number>();
  for (let query = 0; query < 5; query += 1)
    pids.add(await database.run(async (client) => (await client.query('select pg_backend_pid() as pid')).rows[0].pid));
  expect(pids.size).toBe(1);
  expect(await db.rows(connections)).toEqual([{ open: 1 }]);
  await database.close();
});

test('work is repeated once after a lost database connection, and not after an error in a statement', async () => {
  const db = await testDatabase();
  const database = db.as('writer');
  let attempts = 0;
  const loseFirstConnection = () =>
    database.run(async (client) => {
      attempts += 1;
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      if (attempts === 1) await db.rows('select pg_terminate_backend($1)', [rows[0]?.pid]);
      return (await client.query<{ value: number }>('select 1 as value')).rows[0]?.value;
    });
  expect(await loseFirstConnection()).toBe(1);
  expect(attempts).toBe(2);

  let tries = 0;
  const divisionByZero = database.run((client) => {
    tries += 1;
    return client.query('select 1 / 0');
  });
  await expect(divisionByZero).rejects.toThrow('division by zero');
  expect(tries).toBe(1);
  expect(isConnectionLost(new Error('Connection terminated unexpectedly'))).toBe(true);
  expect(isConnectionLost(Object.assign(new Error('no'), { code: '23505' }))).toBe(false);
});

test('a server that cannot be reached is an error after a second attempt', async () => {
  const database = openDatabase({ host: '127.0.0.1', port: 1, user: 'x', database: 'x' });
  await expect(database.run((client) => client.query('select 1'))).rejects.toThrow('ECONNREFUSED');
});
