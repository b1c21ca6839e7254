import type pg from 'pg';
import { COLUMNS, type Invocation } from '../../lambdas/contract/invocation.ts';

/** Escapes the characters that have a meaning in COPY's text format. */
const escapeText = (text: string): string =>
  text.replace(/[\\\n\r\t]/g, (match) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[match] ?? match);

const formatField = (value: unknown): string => {
  if (value === undefined) return '\\N';
  return escapeText(typeof value === 'object' ? JSON.stringify(value) : String(value));
};

/** The COPY statement for the content that `copyText` returns. */
export const copyStatement = (table: string): string => `copy ${table} (${COLUMNS.join(', ')}, batch_id) from stdin`;

/** Records in COPY's text format. */
export const copyText = (records: readonly Invocation[], batchId: number): Buffer =>
  Buffer.from(
    records
      .map((record) => `${COLUMNS.map((column) => formatField(record[column])).join('\t')}\t${batchId}\n`)
      .join(''),
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
