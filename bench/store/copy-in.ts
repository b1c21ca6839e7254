import type pg from 'pg';
import { COLUMNS, type Invocation } from '../../lambdas/contract/invocation.ts';

/** Characters that COPY's text form reads otherwise. */
const escaped = (text: string): string =>
  text.replace(/[\\\n\r\t]/g, (found) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[found] ?? found);

const field = (value: unknown): string => {
  if (value === undefined) return '\\N';
  return escaped(typeof value === 'object' ? JSON.stringify(value) : String(value));
};

/** The statement that takes `copyText`. */
export const copyStatement = (table: string): string => `copy ${table} (${COLUMNS.join(', ')}, batch_id) from stdin`;

/** Records as COPY's text form. */
export const copyText = (records: readonly Invocation[], batchId: number): Buffer =>
  Buffer.from(
    records.map((record) => `${COLUMNS.map((column) => field(record[column])).join('\t')}\t${batchId}\n`).join(''),
  );

interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Runs one COPY … FROM STDIN with this content. */
export const copyIn = (client: pg.Client, text: string, content: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    let failure: Error | undefined;
    const submission = {
      submit: (connection: CopyConnection) => connection.query(text),
      handleCopyInResponse: (connection: CopyConnection) => {
        connection.sendCopyFromChunk(content);
        connection.endCopyFrom();
      },
      handleCommandComplete: () => {},
      handleError: (error: Error) => {
        failure = error;
        reject(error);
      },
      handleReadyForQuery: () => (failure ? undefined : resolve()),
    };
    client.query(submission as unknown as pg.Submittable);
  });
