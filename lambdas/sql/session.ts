import type { Socket } from 'node:net';
import pg from 'pg';

/** The most that the database may send for one command before the connection is given up: more would fill the memory. */
const MAX_RECEIVED_BYTES = 32 * 1_024 * 1_024;

/** How a session ended before its statement did. */
type Interruption = 'too much' | 'too long';

/** One command's result: values as PostgreSQL writes them. */
export interface Result {
  rows: (string | null)[][];
  fields: pg.FieldDef[];
}

/** A database connection for one statement, which nothing else ever uses: no setting and no lock outlives it. */
export interface Session {
  /** Runs one command. Rejects when more than one is written. */
  run(text: string, values?: readonly unknown[]): Promise<Result>;
  /** Why the connection was given up; undefined while it was not. */
  interruption(): Interruption | undefined;
  close(): Promise<void>;
}

const AS_TEXT: pg.CustomTypesConfig = { getTypeParser: () => (value: string | Buffer) => String(value) };

/** Connects. After `timeoutMs` the connection is given up, whatever it is doing. */
export const openSession = async (configuration: pg.ClientConfig, timeoutMs: number): Promise<Session> => {
  const client = new pg.Client({ ...configuration, types: AS_TEXT, keepAlive: true });
  client.on('error', () => {}); // the command that is under way rejects
  await client.connect();
  // pg holds its socket here; its types do not declare it.
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;

  let interrupted: Interruption | undefined;
  const interrupt = (reason: Interruption) => {
    interrupted ??= reason;
    stream.destroy();
  };
  let received = 0;
  stream.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > MAX_RECEIVED_BYTES) interrupt('too much');
  });
  const timer = setTimeout(() => interrupt('too long'), timeoutMs);

  return {
    run: (text, values = []) => {
      received = 0;
      // The extended protocol: its messages hold one statement each.
      const query = { text, values: [...values], rowMode: 'array' as const, queryMode: 'extended' };
      return client.query<(string | null)[]>(query);
    },
    interruption: () => interrupted,
    close: async () => {
      clearTimeout(timer);
      await client.end().catch(() => {}); // it is lost already
    },
  };
};
