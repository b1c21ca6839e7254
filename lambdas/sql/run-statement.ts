import pg from 'pg';
import {
  MAX_ANSWER_BYTES,
  MAX_STATEMENT_SECONDS,
  type SqlAnswer,
  type SqlColumn,
  type SqlError,
} from '../contract/sql.ts';
import { CURSOR, type ReadingStatement, toReadingStatement } from './reading-statement.ts';
import { openSession, type Result, type Session } from './session.ts';

/** What a person asks. */
export interface Asked {
  statement: string;
  tenant?: string | undefined;
  /** The most rows to answer. */
  rows: number;
  /** How long the statement may run. */
  seconds?: number;
}

type Limits = Required<Pick<Asked, 'rows' | 'seconds'>>;

/** The most rows that are fetched with one command. */
const MAX_FETCHED = 500;
/** The server stops a statement in time; after this long the connection is given up all the same. */
const GRACE_MS = 5_000;

/** What decides how PostgreSQL writes values, and how it runs what comes from a cursor. */
const SETTINGS = {
  datestyle: 'ISO, YMD',
  timezone: 'UTC',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  client_encoding: 'UTF8',
  // The whole answer is fetched, not only its beginning.
  cursor_tuple_fraction: '1',
  lock_timeout: '5s',
};

/** SQLSTATEs of a statement that would change something. */
const READ_ONLY_CODES = new Set(['25006', '42501']);
const READ_ONLY_HINT =
  'toolwatch sql only reads, as a role that may change nothing. The views are refreshed on a schedule; whoever must do ' +
  'more signs in with psql as toolwatch_operator.';
const MEGABYTES = MAX_ANSWER_BYTES / 1e6;

const describeTooLong = (seconds: number): string =>
  `The statement took longer than ${seconds} seconds and was stopped.`;

const toSqlError = (error: pg.DatabaseError, offset: number, seconds: number): SqlError => {
  const { code, detail, hint } = error;
  const position = Number(error.position) - offset;
  if (code === '57014') return { message: describeTooLong(seconds), code };
  const hints = [hint, READ_ONLY_CODES.has(code ?? '') && READ_ONLY_HINT].filter(Boolean);
  return {
    message: /multiple commands/.test(error.message) ? 'Write one statement; there are several.' : error.message,
    ...(code && { code }),
    ...(detail && { detail }),
    ...(hints.length > 0 && { hint: hints.join(' ') }),
    ...(position > 0 && { position }),
  };
};

/** Rows that fit into one answer. */
interface Collected {
  rows: Result['rows'];
  columns: SqlColumn[];
  leftOff: 'rows' | 'bytes' | undefined;
}

const describeLeftOff = ({ rows, leftOff }: Collected): string | null => {
  if (leftOff === undefined) return null;
  const shown = rows.length === 1 ? 'Only the first row is' : `Only the first ${rows.length} rows are`;
  const remedy = leftOff === 'rows' ? 'ask for more with --limit, or narrow the statement' : 'narrow the statement';
  const reason = leftOff === 'rows' ? '' : `: an answer has at most ${MEGABYTES} MB`;
  return `${shown} here${reason}. To see the others, ${remedy}.`;
};

/** Adds rows for as long as they fit. Returns how large the largest is. */
const addRows = (collected: Collected, found: Result['rows'], limit: number, bytes: { taken: number }): number => {
  let largest = 1;
  for (const row of found) {
    const size = Buffer.byteLength(JSON.stringify(row)) + 1;
    largest = Math.max(largest, size);
    if (collected.rows.length === limit) collected.leftOff = 'rows';
    else if (bytes.taken + size > MAX_ANSWER_BYTES) collected.leftOff = 'bytes';
    if (collected.leftOff) return largest;
    collected.rows.push(row);
    bytes.taken += size;
  }
  return largest;
};

/** Runs a command for as long as is left of the statement's time, whatever the statement has set meanwhile. */
const createTimedRun = (session: Session, seconds: number) => {
  const endsAt = performance.now() + seconds * 1_000;
  return async (text: string): Promise<Result> => {
    const leftMs = Math.max(1, Math.round(endsAt - performance.now()));
    await session.run(`set local statement_timeout = ${leftMs}`);
    return session.run(text);
  };
};

const readColumns = async (session: Session, fields: Result['fields']): Promise<SqlColumn[]> => {
  const oids = fields.map(({ dataTypeID }) => String(dataTypeID));
  const { rows } = await session.run(
    'select wanted::text, pg_catalog.format_type(wanted, null) from pg_catalog.unnest($1::oid[]) as wanted',
    [oids],
  );
  const types = new Map(rows.map(([oid, type]) => [oid, type]));
  return fields.map(({ name, dataTypeID }) => ({ name, type: types.get(String(dataTypeID)) ?? 'text' }));
};

type TimedRun = ReturnType<typeof createTimedRun>;

/** Fetches one row and then, by its size, as many at once as an answer may still take. */
const fetchRows = async (session: Session, run: TimedRun, limit: number): Promise<Collected> => {
  const collected: Collected = { rows: [], columns: [], leftOff: undefined };
  const bytes = { taken: 0 };
  let [count, largest] = [1, 1];
  for (;;) {
    const found = await run(`fetch ${count} from ${CURSOR}`).catch((error: unknown) => {
      if (session.interruption() !== 'too much' || collected.rows.length === 0) throw error;
      collected.leftOff = 'bytes';
      return undefined;
    });
    if (!found) return collected;
    if (collected.columns.length === 0) collected.columns = await readColumns(session, found.fields);
    largest = Math.max(largest, addRows(collected, found.rows, limit, bytes));
    if (collected.leftOff || found.rows.length < count) return collected;
    const fitting = Math.floor((MAX_ANSWER_BYTES - bytes.taken) / largest);
    count = Math.max(1, Math.min(MAX_FETCHED, fitting, limit + 1 - collected.rows.length));
  }
};

const collectRows = async (
  session: Session,
  { text, hasCursor }: ReadingStatement,
  { rows: limit, seconds }: Limits,
): Promise<Collected> => {
  const run = createTimedRun(session, seconds);
  const { rows, fields } = await run(text);
  if (hasCursor) return fetchRows(session, run, limit);
  const collected: Collected = { rows: [], columns: await readColumns(session, fields), leftOff: undefined };
  addRows(collected, rows, limit, { taken: 0 });
  return collected;
};

/** Begins a transaction that can change nothing, in the scope of one tenant or of all. */
const beginReading = async (session: Session, tenant: string | undefined): Promise<void> => {
  await session.run('begin read write');
  if (tenant !== undefined) await session.run('select rollup.bind_tenant($1)', [tenant]);
  await session.run('set transaction read only');
  const settings = Object.entries(SETTINGS);
  const calls = settings.map((_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, true)`);
  await session.run(`select ${calls.join(', ')}`, settings.flat());
};

const answerWithin = async (session: Session, statement: ReadingStatement, limits: Limits): Promise<SqlAnswer> => {
  try {
    const collected = await collectRows(session, statement, limits);
    if (collected.rows.length === 0 && collected.leftOff === 'bytes') return refuseLargeRow();
    const { columns, rows } = collected;
    return { columns, rows, left_off: describeLeftOff(collected) };
  } catch (error) {
    if (session.interruption() === 'too long') return { error: { message: describeTooLong(limits.seconds) } };
    if (session.interruption() === 'too much') return refuseLargeRow();
    if (error instanceof pg.DatabaseError) return { error: toSqlError(error, statement.offset, limits.seconds) };
    return { error: { message: 'The connection to the database was lost while the statement ran.' } };
  }
};

const refuseLargeRow = (): SqlAnswer => ({
  error: {
    message: `A row of the answer is larger than an answer may be, ${MEGABYTES} MB; select fewer columns, or parts of them.`,
  },
});

/**
 * Answers a statement that reads, in a transaction and over a connection of its own. Resolves to an error for whatever
 * the statement does; rejects when the database cannot be reached. `configuration` signs in as the role of its scope.
 */
export const runStatement = async (configuration: pg.ClientConfig, asked: Asked): Promise<SqlAnswer> => {
  const statement = toReadingStatement(asked.statement, asked.tenant !== undefined);
  if ('error' in statement) return statement;
  const { rows, seconds = MAX_STATEMENT_SECONDS } = asked;
  const session = await openSession(configuration, seconds * 1_000 + GRACE_MS);
  try {
    await beginReading(session, asked.tenant);
    return await answerWithin(session, statement, { rows, seconds });
  } finally {
    await session.close();
  }
};
