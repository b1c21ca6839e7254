import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../lambdas/migrate/migrate.ts';
import { makeDatabase, startPostgres } from '../../local/postgres.ts';

/** Commits are flushed to disk, as on a deployed server. Memory as on a small instance. */
const SETTINGS = {
  shared_buffers: '2GB',
  max_wal_size: '8GB',
  work_mem: '64MB',
  maintenance_work_mem: '512MB',
  max_connections: '60',
};

export interface StoreServer {
  /** The URL of the migrated database for a role, or for the superuser. */
  urlFor(role?: string): string;
  superuser: pg.Client;
  stop(): Promise<void>;
}

/** A new server with an empty store, in a folder that is removed when it stops. */
export const startStoreServer = async (): Promise<StoreServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-bench-'));
  const server = await startPostgres({ folder, port: 0, settings: SETTINGS });
  const urlFor = (role?: string) => {
    const url = new URL(server.socketUrl);
    if (role) url.username = `toolwatch_${role}`;
    url.pathname = 'toolwatch';
    return url.href;
  };
  try {
    await makeDatabase(server);
    const owner = new pg.Client({ connectionString: urlFor('owner') });
    await owner.connect();
    await migrate(owner);
    await owner.end();
    const superuser = new pg.Client({ connectionString: urlFor() });
    await superuser.connect();
    return {
      urlFor,
      superuser,
      stop: async () => {
        await superuser.end();
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
};
