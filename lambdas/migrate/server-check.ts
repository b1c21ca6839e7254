import type pg from 'pg';

/** The schema uses what this version is the first to have. */
const MIN_VERSION = 180_000;

const SERVER_SQL = `
select current_setting('server_version') as version, current_setting('server_version_num')::integer as number,
  current_database() as database, current_user as "user", pg_get_userbyid(datdba) as owner,
  pg_has_role(current_user, datdba, 'usage') as owns,
  rolsuper or rolcreaterole as creates,
  pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as "readsOnly",
  coalesce(pg_has_role(current_user, to_regrole('rds_iam')::oid, 'member with admin option'), true) as "grantsIam"
from pg_database, pg_roles
where datname = current_database() and rolname = current_user`;

interface Server {
  version: string;
  number: number;
  database: string;
  user: string;
  owner: string;
  owns: boolean;
  creates: boolean;
  readsOnly: boolean;
  grantsIam: boolean;
}

function findProblem({ version, number, database, user, owner, ...can }: Server): string | undefined {
  if (number < MIN_VERSION) {
    return `The database server is PostgreSQL ${version}, and the store needs 18 or newer; upgrade the server.`;
  }
  if (can.readsOnly) return 'The database server is a read replica, or only reads; name the one that is written to.';
  if (!can.owns) {
    return `The database ${database} belongs to ${owner} and not to ${user}; run: alter database ${database} owner to ${user}.`;
  }
  if (!can.creates) {
    return `The role ${user} may not create the roles of the functions; run: alter role ${user} createrole.`;
  }
  return can.grantsIam
    ? undefined
    : `The role ${user} may not let roles sign in by IAM; run: grant rds_iam to ${user} with admin option.`;
}

/** Throws, in a sentence that says what to do, when the server is one on which migrations would fail. */
export const checkServer = async (client: pg.ClientBase): Promise<void> => {
  const { rows } = await client.query<Server>(SERVER_SQL);
  const problem = rows[0] && findProblem(rows[0]);
  if (problem) throw new Error(problem);
};

/** PostgreSQL's codes when a role may not sign in, and when there is no such database. */
const SIGN_IN_CODES = ['28000', '28P01'];
const NO_DATABASE = '3D000';

/** The error of a connection that was refused, in a sentence that says what to do; any other as it is. */
export const explainRefusal = (error: unknown, { user, database }: pg.ClientConfig): unknown => {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: string };
  if (code === NO_DATABASE) {
    return new Error(`There is no database ${database}; run: create database ${database} owner ${user}.`, {
      cause: error,
    });
  }
  if (code === undefined || !SIGN_IN_CODES.includes(code)) return error;
  return new Error(
    `The database server does not let ${user} sign in by IAM (${error.message}); switch IAM authentication on, and ` +
      `run: create role ${user} login createrole; grant rds_iam to ${user} with admin option.`,
    { cause: error },
  );
};
