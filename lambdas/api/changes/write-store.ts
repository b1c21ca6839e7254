import { randomUUID } from 'node:crypto';
import { HttpError } from '@aws-lambda-powertools/event-handler/http';
import type pg from 'pg';
import { AUDIT_SCHEMA, type AuditLine, MAX_AUDIT_TEXT } from '../../contract/audit-line.ts';
import type { Database } from '../../database/database.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import { readStatement } from '../../database/statements.ts';
import type { Actor } from '../../front-door/actor.ts';

/** Changes the store within one transaction. */
export interface Writer {
  /** Runs `sql/queries/api-<name>.sql`, and returns its rows. */
  rows<Row extends object>(name: string, values?: unknown[]): Promise<Row[]>;
}

/** Who does what to what, and why: what the audit says of a change beside the change itself. */
export interface Attempt extends Actor {
  /** As a noun and a participle: `alert_rule.changed`. */
  action: string;
  target: string;
  reason?: string | undefined;
}

interface Changed<T> {
  answer: T;
  /** How the target was and how it is now, for the audit. */
  change: Record<string, unknown>;
}

/** A connection that waits for a lock longer than its role may, or for the server, is given up after this. */
const TIMEOUT_MS = 20_000;

const writerOf = (client: pg.ClientBase): Writer => ({
  rows: async <Row extends object>(name: string, values: unknown[] = []) =>
    (await client.query<Row>(readStatement(`api-${name}`), values)).rows,
});

const addToAudit = (client: pg.ClientBase, line: AuditLine) =>
  client.query(readStatement('ingest-audit'), [JSON.stringify([line])]);

/**
 * Changes the store as the editor, and adds who did it to the audit in the same transaction: there is neither without
 * the other. What the work refuses with an `HttpError` is not changed, and its attempt is in the audit with the reason.
 * When the connection is lost, the work is repeated unless the change was stored already.
 */
export const writeStore = async <T>(
  editor: Database,
  { action, target, reason, actor, actor_kind }: Attempt,
  work: (writer: Writer) => Promise<Changed<T>>,
): Promise<T> => {
  const audit_id = randomUUID();
  const at = new Date().toISOString();
  const about = { schema: AUDIT_SCHEMA, audit_id, at, actor, actor_kind, action, target, reason } as const;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let stored: { answer: T } | undefined;
  const attempt = (client: pg.ClientBase): Promise<T> =>
    inTransaction(client, async () => {
      // Set only when this work is repeated: whether the commit of the time before came through.
      if (stored) {
        const { rowCount } = await client.query('select from ops.audit where audit_id = $1', [audit_id]);
        if (rowCount) return stored.answer;
      }
      const { answer, change } = await work(writerOf(client));
      await addToAudit(client, { ...about, success: true, change });
      stored = { answer };
      return answer;
    });
  try {
    return await editor.run(attempt, signal);
  } catch (error) {
    if (error instanceof HttpError) {
      const refused: AuditLine = { ...about, success: false, error: error.message.slice(0, MAX_AUDIT_TEXT) };
      await editor.run((client) => inTransaction(client, () => addToAudit(client, refused)), signal);
    }
    throw error;
  }
};
