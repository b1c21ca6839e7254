import pg from 'pg';

/** Queries to the real server that need its superuser. `serverUrl` is the superuser's URL. */
export const createSuperuser = (serverUrl: string) => {
  const withClient = async <T>(work: (client: pg.Client) => Promise<T>, database?: string): Promise<T> => {
    const client = new pg.Client({ connectionString: serverUrl, ...(database && { database }) });
    client.on('error', () => {}); // the server may stop at any time; the query then rejects
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };

  return {
    /** Whether a user signs in by IAM token: whether it is a member of `rds_iam`. */
    signsInByToken: (user: string): Promise<boolean> =>
      withClient(async (client) => {
        const { rows } = await client.query<{ member: boolean }>(
          `select pg_has_role(oid, 'rds_iam', 'member') as member from pg_roles where rolname = $1`,
          [user],
        );
        return rows[0]?.member ?? false;
      }),

    /** The size of a database in bytes; undefined when the server is down. */
    sizeOf: (database: string): Promise<number | undefined> =>
      withClient(async (client) => {
        const { rows } = await client.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
        return Number(rows[0]?.bytes ?? 0);
      }, database).catch(() => undefined),
  };
};
