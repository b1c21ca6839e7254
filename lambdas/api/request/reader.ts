import type { ToolsReport } from '../../contract/reports.ts';
import { asOperator, asTenant, type ScopedReader } from '../../database/as-tenant.ts';
import type { Database } from '../../database/database.ts';
import { readStatement } from '../../database/statements.ts';

/** Reads the store within one transaction, so that all rows are of one moment. */
export interface Reader {
  /**
   * Rows of `sql/queries/api-<name>.sql`. The statement itself writes times as ISO 8601 in UTC: what a `timestamptz`
   * looks like depends on settings of the server and the role.
   */
  rows<Row extends object>(name: string, values?: unknown[]): Promise<Row[]>;
  /** The end of the server certificate's validity, as ISO 8601; null without TLS. */
  certificateUntil(): string | null;
}

/**
 * After this long a read is given up, in milliseconds: the server's own limit on a statement of the api comes first, and
 * the function's timeout after it.
 */
const TIMEOUT_MS = 20_000;

const readerOf = (scoped: ScopedReader): Reader => ({
  rows: async <Row extends object>(name: string, values: unknown[] = []) =>
    (await scoped.query<Row>(readStatement(`api-${name}`), values)).rows,
  certificateUntil: () => scoped.certificateUntil()?.toISOString() ?? null,
});

/** Reads as the tenant; without a tenant, as the operator. Gives up when `signal` aborts. */
export const readStore = <T>(
  database: Database,
  tenant: string | undefined,
  read: (reader: Reader) => Promise<T>,
  signal: AbortSignal = AbortSignal.timeout(TIMEOUT_MS),
): Promise<T> => {
  const work = (scoped: ScopedReader) => read(readerOf(scoped));
  return tenant === undefined ? asOperator(database, work, signal) : asTenant(database, tenant, work, signal);
};

/** How old the figures are. */
export type Freshness = Pick<ToolsReport, 'refreshed_at' | 'age_seconds'>;

export const readFreshness = async (reader: Reader): Promise<Freshness> => {
  const [row] = await reader.rows<Freshness>('freshness');
  return row ?? { refreshed_at: null, age_seconds: null };
};
