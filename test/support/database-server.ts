import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../lambdas/migrate/migrate.ts';
import { makeDatabase, type PostgresServer, startPostgres } from '../../local/postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The superuser's, over the socket, on the database `postgres`. */
    databaseServerUrl: string;
  }
}

/** Cloned for each test file. */
export const TEMPLATE = 'toolwatch_template';

/** Fast instead of durable: a crash may lose what tests write. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', max_connections: '200', shared_buffers: '128MB' };

const createTemplate = async (server: PostgresServer): Promise<void> => {
  await makeDatabase(server, TEMPLATE);
  const url = new URL(server.socketUrl);
  url.username = 'toolwatch_owner';
  url.pathname = TEMPLATE;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await migrate(client);
  } finally {
    await client.end();
  }
};

/** One server for the whole run, with a template database that is migrated once. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-test-'));
  const server = await startPostgres({ folder, port: 0, settings: SETTINGS });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  await createTemplate(server).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  project.provide('databaseServerUrl', server.socketUrl);
  return stop;
}
