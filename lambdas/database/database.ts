import pg from 'pg';

/**
 * SQLSTATE classes 08 and 57P, and Node's own codes, for a lost database connection: the work may be repeated on a new
 * one.
 */
const LOST_CODES = /^(08...|57P..|ECONNRESET|EPIPE|ETIMEDOUT|ECONNREFUSED)$/;
const LOST_MESSAGES = /Connection terminated|Client has encountered a connection error|not queryable/;

/** True when the database connection was lost, as opposed to a statement that failed. */
export const isConnectionLost = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return (typeof code === 'string' && LOST_CODES.test(code)) || LOST_MESSAGES.test(error.message);
};

const INT8 = 20;
const NUMERIC = 1700;
/** Counts and sums are parsed as numbers: ours stay far below 2^53. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format)),
};

/** One connection to the store, opened when first needed and reused across invocations. */
export interface Database {
  /**
   * Does the work on the connection. When the connection turns out to be lost (a process that was frozen notices late
   * that the server closed it), the work is repeated once on a new one, so it must be safe to do twice.
   */
  run<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A database with this configuration. It connects at the first `run`; only one `run` may be active at a time. */
export const openDatabase = (configuration: pg.ClientConfig): Database => {
  let current: pg.Client | undefined;

  const drop = (client: pg.Client) => {
    if (current === client) current = undefined;
    client.end().catch(() => {}); // it is lost already; it only must not be used again
  };

  const connect = async (): Promise<pg.Client> => {
    if (current) return current;
    const client = new pg.Client({ types: TYPES, ...configuration });
    // Without a listener, a connection that is lost between two runs would end the process.
    client.on('error', () => drop(client));
    await client.connect();
    current = client;
    return client;
  };

  const attempt = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = await connect();
    try {
      return await work(client);
    } catch (error) {
      if (isConnectionLost(error)) drop(client);
      throw error;
    }
  };

  return {
    run: async (work) => {
      try {
        return await attempt(work);
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
        return attempt(work);
      }
    },
    close: async () => {
      const client = current;
      current = undefined;
      await client?.end();
    },
  };
};
