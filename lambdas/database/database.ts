import pg from 'pg';

/** SQLSTATE classes 08 and 57P, and Node's own words, for "the connection is no more": the work may be done again on a new one. */
const LOST = /^(08...|57P..|ECONNRESET|EPIPE|ETIMEDOUT|ECONNREFUSED)$/;
const LOST_WORDS = /Connection terminated|Client has encountered a connection error|not queryable/;

/** True when the server, and not the statement, is to blame. */
export const connectionIsLost = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return (typeof code === 'string' && LOST.test(code)) || LOST_WORDS.test(error.message);
};

const INT8 = 20;
const NUMERIC = 1700;
/** Counts and sums come as numbers: ours stay far below 2^53. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format)),
};

/** One connection to the store, made when first needed and kept between invocations. */
export interface Database {
  /**
   * Does the work on the connection. When the connection turns out to be lost (a process that was frozen learns late that
   * the server closed it), the work is done once more on a new one: it must be harmless to do twice.
   */
  run<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A store reached with this configuration. Nothing is opened before the first work. One work at a time. */
export const openDatabase = (configuration: pg.ClientConfig): Database => {
  let current: pg.Client | undefined;

  const drop = (client: pg.Client) => {
    if (current === client) current = undefined;
    client.end().catch(() => {}); // it is lost already; what matters is that nobody uses it again
  };

  const connect = async (): Promise<pg.Client> => {
    if (current) return current;
    const client = new pg.Client({ types: TYPES, ...configuration });
    // Without a listener, a server that goes away between two works would end the process.
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
      if (connectionIsLost(error)) drop(client);
      throw error;
    }
  };

  return {
    run: async (work) => {
      try {
        return await attempt(work);
      } catch (error) {
        if (!connectionIsLost(error)) throw error;
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
