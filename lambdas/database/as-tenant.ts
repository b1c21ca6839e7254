import type pg from 'pg';
import type { Database } from './database.ts';

/** The operator's scope: all tenants together. No tenant may have this name. */
const ALL_TENANTS = '*';

const readInTransaction = <T>(
  database: Database,
  tenant: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> =>
  database.run(async (client) => {
    await client.query('begin transaction read only');
    try {
      // Local to this transaction: on a reused connection, a longer-lived setting would leak to the next caller.
      await client.query('select analytics.read_as($1)', [tenant]);
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {}); // the first error is the one to report
      throw error;
    }
  });

/**
 * Reads as one tenant: within the work, row-level security shows that tenant's rows and no others. Throws a RangeError
 * for an invalid tenant.
 */
export const asTenant = <T>(
  database: Database,
  tenant: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  if (tenant === '' || tenant === ALL_TENANTS) throw new RangeError(`'${tenant}' is not a tenant`);
  return readInTransaction(database, tenant, work);
};

/** Reads as the operator, who sees all tenants. Never use it for a tenant that a caller named. */
export const asOperator = <T>(database: Database, work: (client: pg.Client) => Promise<T>): Promise<T> =>
  readInTransaction(database, ALL_TENANTS, work);
