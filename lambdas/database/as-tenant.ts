import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { certificateUntil } from './certificate.ts';
import { type Database, WrongAnswerError } from './database.ts';

/** The operator's scope: all tenants together. No tenant may have this name. */
const ALL_TENANTS = '*';

/** Reads within one transaction, and within one scope. */
export interface ScopedReader {
  /**
   * The rows of one statement that reads. Throws a `WrongAnswerError` unless the answer is that of this statement and
   * PostgreSQL gave it within the scope.
   */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: Row[] }>;
  /** The end of the server certificate's validity; null without TLS. */
  certificateUntil(): Date | null;
}

interface Proof {
  proof_question: string;
  proof_scope: string | null;
  proof_row: true | null;
}

/**
 * The statement, with each row of its answer beside the question's id and the scope that it was read in. There is
 * always at least one row, so an answer without rows is proven too.
 */
const withProof = (text: string, idAt: number): string => `
  select $${idAt}::text as proof_question, current_setting('app.tenant_id', true) as proof_scope, answer.*
  from (values (1)) as asked
  left join (select true as proof_row, given.* from (
${text}
  ) as given) as answer on true`;

const queryInScope = async <Row extends object>(
  client: pg.ClientBase,
  scope: string,
  text: string,
  values: readonly unknown[],
): Promise<{ rows: Row[] }> => {
  const id = randomUUID();
  const { rows } = await client.query<Row & Proof>(withProof(text, values.length + 1), [...values, id]);
  const [first] = rows;
  if (!first || rows.some(({ proof_question, proof_scope }) => proof_question !== id || proof_scope !== scope))
    throw new WrongAnswerError('The store answered another question, or for another tenant');
  const answered = first.proof_row ? rows : [];
  return { rows: answered.map(({ proof_question, proof_scope, proof_row, ...row }) => row as unknown as Row) };
};

const readInTransaction = <T>(
  database: Database,
  scope: string,
  work: (reader: ScopedReader) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> =>
  database.run(async (client) => {
    await client.query('begin transaction read only');
    try {
      // Local to this transaction: on a reused connection, a longer-lived setting would leak to the next caller.
      await client.query('select analytics.read_as($1)', [scope]);
      const result = await work({
        query: <Row extends object>(text: string, values: readonly unknown[] = []) =>
          queryInScope<Row>(client, scope, text, values),
        certificateUntil: () => certificateUntil(client),
      });
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {}); // the first error is the one to report
      throw error;
    }
  }, signal);

/**
 * Reads as one tenant: within the work, row-level security shows that tenant's rows and no others. Throws a RangeError
 * for an invalid tenant. `signal` gives up as in `Database.run`.
 */
export const asTenant = <T>(
  database: Database,
  tenant: string,
  work: (reader: ScopedReader) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> => {
  if (tenant === '' || tenant === ALL_TENANTS) throw new RangeError(`'${tenant}' is not a tenant`);
  return readInTransaction(database, tenant, work, signal);
};

/** Reads as the operator, who sees all tenants. Never use it for a tenant that a caller named. */
export const asOperator = <T>(
  database: Database,
  work: (reader: ScopedReader) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> => readInTransaction(database, ALL_TENANTS, work, signal);
