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

/** Something else was answered than was asked. Nothing of the answer may be used, nor the database connection again. */
export class WrongAnswerError extends Error {
  override name = 'WrongAnswerError';
}

/** One connection to the store, opened when first needed and reused across invocations. */
export interface Database {
  /**
   * Does the work on the connection, which nobody else uses meanwhile: works wait for their turn, first come, first
   * served. When the connection turns out to be lost (a process that was frozen notices late that the server closed
   * it), the work is repeated once on a new one, so it must be safe to do twice.
   *
   * When `signal` aborts, the work is given up: `run` rejects with the signal's reason, and the connection that the
   * work had is destroyed, so that an answer that is still to come reaches nobody.
   */
  run<T>(work: (client: pg.ClientBase) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Closes the connection after the works that were asked for. */
  close(): Promise<void>;
}

/** What the promise becomes, unless the signal aborts before: then the signal's reason is thrown. */
const unlessAborted = <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const abandon = () => reject(signal.reason);
    signal.addEventListener('abort', abandon, { once: true });
    if (signal.aborted) abandon();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
};

/** True when no statement and no transaction is under way. */
const isIdle = (client: pg.PoolClient): boolean => {
  // pg keeps this; its types do not declare it.
  const { readyForQuery } = client as unknown as { readyForQuery: boolean };
  return readyForQuery && client.getTransactionStatus() === 'I';
};

/**
 * A database with this configuration. It connects at the first `run`. With `maxUses` it is connected anew after so many
 * works.
 */
export const openDatabase = (configuration: pg.ClientConfig & Pick<pg.PoolConfig, 'maxUses'>): Database => {
  // A process that was frozen wakes up with its timers overdue: an idle timeout would close the connection just when
  // the next work needs it.
  const pool = new pg.Pool({ types: TYPES, ...configuration, max: 1, idleTimeoutMillis: 0 });
  let closed: Promise<void> | undefined;
  // Without listeners, a connection that is lost between two statements would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));

  const takeConnection = async (signal: AbortSignal | undefined): Promise<pg.PoolClient> => {
    const connecting = pool.connect();
    try {
      return await unlessAborted(connecting, signal);
    } catch (error) {
      // Whoever gave up waiting lets the next one have the connection.
      connecting.then((client) => client.release()).catch(() => {});
      throw error;
    }
  };

  const attempt = async <T>(
    work: (client: pg.ClientBase) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    const client = await takeConnection(signal);
    try {
      const result = await unlessAborted(work(client), signal);
      client.release(!isIdle(client));
      return result;
    } catch (error) {
      const isSpoilt = isConnectionLost(error) || error instanceof WrongAnswerError;
      client.release(isSpoilt || signal?.aborted || !isIdle(client));
      throw error;
    }
  };

  return {
    run: async (work, signal) => {
      try {
        return await attempt(work, signal);
      } catch (error) {
        if (!isConnectionLost(error) || signal?.aborted) throw error;
        return attempt(work, signal);
      }
    },
    close: () => {
      closed ??= pool.end();
      return closed;
    },
  };
};
