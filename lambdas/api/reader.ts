import type pg from 'pg';
import { asOperator, asTenant } from '../database/as-tenant.ts';
import { certificateUntil } from '../database/certificate.ts';
import type { Database } from '../database/database.ts';
import { statement } from '../database/statements.ts';

/** Reads the store in one transaction, and so at one moment. */
export interface Reader {
  /** Rows of `sql/queries/api-<name>.sql`, times as ISO 8601. */
  rows<Row extends object>(name: string, values?: unknown[]): Promise<Row[]>;
  /** Until when the server's certificate is valid, as ISO 8601; null without TLS. */
  certificateUntil(): string | null;
}

const plain = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value);

const readerOn = (client: pg.Client): Reader => ({
  rows: async <Row extends object>(name: string, values: unknown[] = []) => {
    const { rows } = await client.query<Record<string, unknown>>(statement(`api-${name}`), values);
    return rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, plain(value)])) as Row);
  },
  certificateUntil: () => certificateUntil(client)?.toISOString() ?? null,
});

/** Reads as the tenant, or as the house when none is named. */
export const createReader = <T>(
  database: Database,
  tenant: string | undefined,
  work: (reader: Reader) => Promise<T>,
): Promise<T> => {
  const read = (client: pg.Client) => work(readerOn(client));
  return tenant === undefined ? asOperator(database, read) : asTenant(database, tenant, read);
};
