import type pg from 'pg';
import { alertRule } from '../contract/alert-rules/rule.ts';
import { SHIPPED_RULES, type ShippedRule } from '../contract/alert-rules/shipped.ts';
import type { ToolThresholds } from '../contract/thresholds.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { findSqlFolder, readStatement } from '../database/statements.ts';
import { checkServer } from './server-check.ts';
import { checksumOf, readSqlFiles, type SqlFile } from './sql-files.ts';

/**
 * For how many past days there are partitions, for late calls, and for how many coming days, in case retention does not
 * run.
 */
const DAYS_BEHIND = 7;
const DAYS_AHEAD = 14;

export interface MigrateOptions {
  /** The folder of `migrations/` and `views/`. Default: the project's own. */
  folder?: URL;
  /** Default: the thresholds in the store stay as they are. */
  thresholds?: ToolThresholds[];
  /** The alert rules that ship. Default: those of this version; none leaves those in the store as they are. */
  alertRules?: readonly ShippedRule[];
  /** Whether a day is dropped only when it is archived. Default: it stays as it is. */
  archives?: boolean;
  /** The deployment to record; none outside of a deployment. */
  deployment?: { version: string; environment: string };
}

export interface MigrateResult {
  /** Names of the migrations that this run applied. */
  applied: string[];
  viewsRebuilt: boolean;
}

const createMigrationTables = async (client: pg.ClientBase): Promise<void> => {
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
  if (changed)
    throw new Error(`${changed.name} was edited after it was applied; undo the edit and write a new migration`);

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
  // In one transaction: a reader sees either the old views or the new ones.
  await inTransaction(client, async () => {
    await client.query(readStatement('migrate-drop-views'));
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

const storeShippedRules = async (client: pg.ClientBase, shipped: readonly ShippedRule[]): Promise<void> => {
  if (shipped.length === 0) return;
  const rows = shipped.map(({ name, condition, rule }) => ({ name, condition, rule: alertRule.parse(rule) }));
  await client.query(readStatement('migrate-alert-rules'), [JSON.stringify(rows)]);
};

/**
 * Brings a database to the state these files describe: applies missing migrations in order, each in its own
 * transaction; rebuilds the views when one of their files changed; stores the thresholds, the alert rules that ship and whether days are
 * archived;
 * makes the partitions of the coming days; records the deployment. Idempotent, also with twenty concurrent runs. Throws
 * when a migration was edited after it was applied, and, before anything is changed, when the server is one on which
 * they would fail.
 */
export const migrate = async (
  client: pg.ClientBase,
  { folder = findSqlFolder(), thresholds, alertRules = SHIPPED_RULES, archives, deployment }: MigrateOptions = {},
): Promise<MigrateResult> => {
  await client.query("select pg_advisory_lock(hashtext('toolwatch.migrate'))");
  try {
    await checkServer(client);
    await createMigrationTables(client);
    const applied = await applyMigrations(client, readSqlFiles(new URL('migrations/', folder)));
    const viewsRebuilt = await rebuildViews(client, readSqlFiles(new URL('views/', folder)));
    if (thresholds) await client.query(readStatement('migrate-thresholds'), [JSON.stringify(thresholds)]);
    if (archives !== undefined) await client.query(readStatement('migrate-archive'), [archives]);
    await storeShippedRules(client, alertRules);
    await client.query('select analytics.make_days(current_date - $1::integer, current_date + $2::integer)', [
      DAYS_BEHIND,
      DAYS_AHEAD,
    ]);
    if (deployment)
      await client.query(readStatement('migrate-deployment'), [deployment.version, deployment.environment, applied]);
    return { applied, viewsRebuilt };
  } finally {
    // When this fails, the lock ends with the session.
    await client.query("select pg_advisory_unlock(hashtext('toolwatch.migrate'))").catch(() => {});
  }
};
