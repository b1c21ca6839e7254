import type pg from 'pg';
import type { ToolThresholds } from '../contract/thresholds.ts';
import { sqlFolder, statement } from '../database/statements.ts';
import { checksumOf, type SqlFile, sqlFiles } from './sql-files.ts';

/** Days of partitions made behind, for the late, and ahead, for days on which nobody makes any. */
const DAYS_BEHIND = 7;
const DAYS_AHEAD = 14;

export interface MigrateOptions {
  /** Where `migrations/` and `views/` are. Default: the project's own. */
  folder?: URL;
  /** Left out, those in the store stay. */
  thresholds?: ToolThresholds[];
  /** What is being deployed, to be noted; left out, nobody deploys. */
  deployment?: { version: string; environment: string };
}

export interface MigrateResult {
  /** Names of the migrations applied now. */
  applied: string[];
  viewsRebuilt: boolean;
}

const inTransaction = async (client: pg.ClientBase, work: () => Promise<void>): Promise<void> => {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {}); // the first error is the one to tell
    throw error;
  }
};

const prepare = async (client: pg.ClientBase): Promise<void> => {
  await client.query(`
    create schema if not exists migrations;
    create table if not exists migrations.applied (
      name text primary key, checksum text not null, applied_at timestamptz not null default now()
    );
    create table if not exists migrations.views (
      only_row boolean primary key default true check (only_row), checksum text not null, built_at timestamptz not null
    );`);
};

const applyMigrations = async (client: pg.ClientBase, files: SqlFile[]): Promise<string[]> => {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from migrations.applied',
  );
  const known = new Map(rows.map((row) => [row.name, row.checksum]));
  const changed = files.find((file) => known.has(file.name) && known.get(file.name) !== file.checksum);
  if (changed) throw new Error(`${changed.name} was applied with other words; undo the edit and write a new migration`);

  const missing = files.filter((file) => !known.has(file.name));
  for (const file of missing)
    await inTransaction(client, async () => {
      await client.query(file.text).catch((cause: Error) => {
        throw new Error(`${file.name}: ${cause.message}`, { cause });
      });
      await client.query('insert into migrations.applied (name, checksum) values ($1, $2)', [file.name, file.checksum]);
    });
  return missing.map((file) => file.name);
};

const rebuildViews = async (client: pg.ClientBase, files: SqlFile[]): Promise<boolean> => {
  const checksum = checksumOf(files);
  const { rowCount } = await client.query('select from migrations.views where checksum = $1', [checksum]);
  if (rowCount) return false;
  // In one transaction: a reader sees the old views or the new, and never none.
  await inTransaction(client, async () => {
    await client.query(statement('migrate-drop-views'));
    for (const file of files)
      await client.query(file.text).catch((cause: Error) => {
        throw new Error(`${file.name}: ${cause.message}`, { cause });
      });
    await client.query(
      `insert into migrations.views (checksum, built_at) values ($1, now())
       on conflict (only_row) do update set checksum = excluded.checksum, built_at = excluded.built_at`,
      [checksum],
    );
  });
  return true;
};

/**
 * Brings a database to the state these files describe: migrations not applied yet, in order, each in its own transaction;
 * the views, anew when a file of them changed; the thresholds; the partitions of the coming days; the note of the deployment. Doing it twice, or
 * twenty times at once, does it once. Throws when a migration that was applied has been edited since.
 */
export const migrate = async (
  client: pg.ClientBase,
  { folder = sqlFolder(), thresholds, deployment }: MigrateOptions = {},
): Promise<MigrateResult> => {
  await client.query("select pg_advisory_lock(hashtext('toolwatch.migrate'))");
  try {
    await prepare(client);
    const applied = await applyMigrations(client, sqlFiles(new URL('migrations/', folder)));
    const viewsRebuilt = await rebuildViews(client, sqlFiles(new URL('views/', folder)));
    if (thresholds) await client.query(statement('migrate-thresholds'), [JSON.stringify(thresholds)]);
    await client.query('select analytics.make_days(current_date - $1::integer, current_date + $2::integer)', [
      DAYS_BEHIND,
      DAYS_AHEAD,
    ]);
    if (deployment)
      await client.query(statement('migrate-deployment'), [deployment.version, deployment.environment, applied]);
    return { applied, viewsRebuilt };
  } finally {
    await client.query("select pg_advisory_unlock(hashtext('toolwatch.migrate'))").catch(() => {}); // ends with the session anyway
  }
};
