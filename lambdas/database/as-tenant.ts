import type pg from 'pg';
import type { Database } from './database.ts';

/** The house's own view: every tenant at once. No tenant may be called this. */
export const ALL_TENANTS = '*';

const reading = <T>(database: Database, tenant: string, work: (client: pg.Client) => Promise<T>): Promise<T> =>
  database.run(async (client) => {
    await client.query('begin transaction read only');
    try {
      // Local to this transaction: on a connection that is kept, anything longer would leak to the next caller.
      await client.query('select analytics.read_as($1)', [tenant]);
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {}); // the first error is the one to tell
      throw error;
    }
  });

/** Reads as one tenant: within the work, row-level security shows that tenant's rows and no others. Throws on a name that is none. */
export const asTenant = <T>(
  database: Database,
  tenant: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  if (tenant === '' || tenant === ALL_TENANTS) throw new RangeError(`'${tenant}' is no tenant`);
  return reading(database, tenant, work);
};

/** Reads as the house, which sees every tenant. Only for callers who run the tools; never for a name a caller gave. */
export const asOperator = <T>(database: Database, work: (client: pg.Client) => Promise<T>): Promise<T> =>
  reading(database, ALL_TENANTS, work);
