import type pg from 'pg';
import { asOperator, asTenant } from '../database/as-tenant.ts';
import { certificateUntil } from '../database/certificate.ts';
import type { Database } from '../database/database.ts';
import { readStatement } from '../database/statements.ts';

/** Reads the store within one transaction, so that all rows are of one moment. */
export interface Reader {
  /** Rows of `sql/queries/api-<name>.sql`, times as ISO 8601. */
  rows<Row extends object>(name: string, values?: unknown[]): Promise<Row[]>;
  /** The end of the server certificate's validity, as ISO 8601; null without TLS. */
  certificateUntil(): string | null;
}

const toJsonValue = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value);

const readerOf = (client: pg.Client): Reader => ({
  rows: async <Row extends object>(name: string, values: unknown[] = []) => {
    const { rows } = await client.query<Record<string, unknown>>(readStatement(`api-${name}`), values);
    return rows.map(
      (row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, toJsonValue(value)])) as Row,
    );
  },
  certificateUntil: () => certificateUntil(client)?.toISOString() ?? null,
});

/** Reads as the tenant; without a tenant, as the operator. */
export const readStore = <T>(
  database: Database,
  tenant: string | undefined,
  read: (reader: Reader) => Promise<T>,
): Promise<T> => {
  const work = (client: pg.Client) => read(readerOf(client));
  return tenant === undefined ? asOperator(database, work) : asTenant(database, tenant, work);
};
