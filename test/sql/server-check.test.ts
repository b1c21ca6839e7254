import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { migrate } from '../../lambdas/migrate/migrate.ts';
import { checkServer, explainRefusal } from '../../lambdas/migrate/server-check.ts';
import { testDatabase } from '../support/database.ts';

const empty = await testDatabase({ empty: true });
const role = `owner_${randomBytes(4).toString('hex')}`;
const group = `group_of_${role}`;
afterAll(async () => {
  await empty.rows(`reassign owned by ${role} to postgres`);
  await empty.rows(`drop owned by ${role}`);
  await empty.rows(`drop role ${role}, ${group}`);
});

const clientFor = async (user: string, database = empty.name) => {
  const url = new URL(empty.urlFor());
  url.username = user;
  url.pathname = database;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  return client;
};
const problemFor = async (user: string, prepare: string[] = []): Promise<string> => {
  const client = await clientFor(user);
  try {
    for (const statement of prepare) await client.query(statement);
    return await migrate(client).then(
      () => 'none',
      ({ message }) => message,
    );
  } finally {
    await client.end();
  }
};

test('a role that does not own the database, or may not create roles, reads what to run, and nothing is changed', async () => {
  await empty.rows(`create role ${role} login`);
  expect(await problemFor(role)).toBe(
    `The database ${empty.name} belongs to toolwatch_owner and not to ${role}; ` +
      `run: alter database ${empty.name} owner to ${role}.`,
  );
  await empty.rows(`alter database ${empty.name} owner to ${role}`);
  expect(await problemFor(role)).toBe(
    `The role ${role} may not create the roles of the functions; run: alter role ${role} createrole.`,
  );
  await empty.rows(`alter role ${role} createrole`);
  expect(await problemFor(role, ['set default_transaction_read_only = on'])).toContain('only reads; name the one');
  expect(await empty.rows("select to_regnamespace('migrations') as made")).toEqual([{ made: null }]);
});

test('a server of RDS on which it may not grant rds_iam reads what to run', async () => {
  const client = await clientFor(role);
  await expect(checkServer(client)).rejects.toThrow(
    `The role ${role} may not let roles sign in by IAM; run: grant rds_iam to ${role} with admin option.`,
  );
  // As on RDS, where a group has the option, and the owner is in the group.
  await empty.rows(`create role ${group}; grant rds_iam to ${group} with admin option; grant ${group} to ${role}`);
  await expect(checkServer(client)).resolves.toBeUndefined();
  await client.end();
});

test('a server that is too old is named with its version', async () => {
  const rows = [{ version: '16.4', number: 160_004, owns: true, creates: true, readsOnly: false, grantsIam: true }];
  await expect(checkServer({ query: async () => ({ rows }) } as never)).rejects.toThrow(
    'The database server is PostgreSQL 16.4, and the store needs 18 or newer; upgrade the server.',
  );
});

test('a connection that is refused says what is missing', async () => {
  const configuration = { user: 'toolwatch_owner', database: 'gone' };
  const refused = await clientFor('postgres', 'gone').catch((error) => error);
  expect(explainRefusal(refused, configuration)).toMatchObject({
    message: 'There is no database gone; run: create database gone owner toolwatch_owner.',
    cause: refused,
  });
  const noRole = await clientFor('nobody_here').catch((error) => error);
  expect(String(explainRefusal(noRole, configuration))).toMatch(
    /does not let toolwatch_owner sign in by IAM \(.*\); switch IAM authentication on, and run: create role/,
  );
  const other = new Error('of another kind');
  expect(explainRefusal(other, configuration)).toBe(other);
});
