import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, inject } from 'vitest';
import { type Database, openDatabase } from '../../lambdas/database/database.ts';
import { TEMPLATE } from './database-server.ts';

export type Role =
  | 'owner'
  | 'writer'
  | 'refresher'
  | 'reader'
  | 'editor'
  | 'retention'
  | 'jobs'
  | 'archive'
  | 'operator'
  | 'operator_sql'
  | 'tenant_sql';

export interface TestDatabase {
  name: string;
  /** Its URL for a role, or for the superuser. */
  urlFor(role?: Role): string;
  /** The store as a function opens it, signed in as this role. Closed after the test file. */
  as(role: Role): Database;
  /** The rows of a statement that the superuser runs, to whom no policy applies. */
  rows<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
}

const urlOf = (name: string, user = 'postgres'): string => {
  const url = new URL(inject('databaseServerUrl'));
  url.username = user;
  url.pathname = name;
  return url.href;
};

const runOnServer = async (text: string): Promise<void> => {
  const client = new pg.Client({ connectionString: inject('databaseServerUrl') });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
};

/** The settings of roles in one database, which a clone of it does not have, as statements for the clone. */
const copyRoleSettings = (from: string, to: string): string => `
  do $$
  declare
    setting record;
  begin
    for setting in
      select rolname, split_part(entry, '=', 1) as name, substr(entry, strpos(entry, '=') + 1) as value
      from pg_db_role_setting
      join pg_database on pg_database.oid = setdatabase and datname = '${from}'
      join pg_roles on pg_roles.oid = setrole
      cross join unnest(setconfig) as entry
    loop
      execute format('alter role %I in database %I set %I = %s', setting.rolname, '${to}', setting.name,
        case setting.name when 'search_path' then setting.value else quote_literal(setting.value) end);
    end loop;
  end
  $$`;

/** A database for this test file, migrated unless it is to be empty. Dropped after the file. */
export const testDatabase = async ({ empty = false } = {}): Promise<TestDatabase> => {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await runOnServer(`create database ${name} owner toolwatch_owner ${empty ? '' : `template ${TEMPLATE}`}`);
  if (!empty) await runOnServer(copyRoleSettings(TEMPLATE, name));
  const urlFor = (role?: Role) => urlOf(name, role && `toolwatch_${role}`);
  const superuser = openDatabase({ connectionString: urlFor() });
  const opened = [superuser];
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()));
    await runOnServer(`drop database ${name} with (force)`);
  });
  return {
    name,
    urlFor,
    as: (role) => {
      const database = openDatabase({ connectionString: urlFor(role) });
      opened.push(database);
      return database;
    },
    rows: <Row extends object>(text: string, values: unknown[] = []) =>
      superuser.run(async (client) => (await client.query<Row>(text, values)).rows),
  };
};
