import { Transform } from 'node:stream';

/**
 * The statements that make RDS Proxy pin a session, that is, reserve one database connection for one client until it
 * disconnects: documented under "Avoiding pinning an RDS Proxy". Pinning costs what the proxy saves and breaks nothing
 * else. What functions and stored procedures do inside the database is not seen.
 */
const PINNING_STATEMENTS: [pattern: RegExp, reason: string][] = [
  [/^\s*(set|reset)\b/i, 'a SET statement'],
  [/\bset_config\s*\(/i, 'a parameter set by set_config'],
  [/^\s*(prepare|execute|deallocate)\b/i, 'a prepared statement'],
  [/^\s*discard\b/i, 'a DISCARD statement'],
  [/^\s*listen\b/i, 'a LISTEN statement'],
  [/^\s*load\b/i, 'a library module'],
  [/^\s*declare\b/i, 'a cursor'],
  [/^\s*create\s+(local\s+|global\s+)?temp(orary)?\b/i, 'a temporary object'],
  [/\b(nextval|setval)\s*\(/i, 'a sequence'],
  [/\bpg_(try_)?advisory_lock(_shared)?\s*\(/i, 'an advisory lock of the session'],
];
const MAX_STATEMENT_BYTES = 16 * 1_024;

/** Why a statement pins its session; undefined when it does not. */
export const pinReasonOf = (sql: string): string | undefined =>
  Buffer.byteLength(sql) > MAX_STATEMENT_BYTES
    ? 'a statement of more than 16 KB'
    : PINNING_STATEMENTS.find(([pattern]) => pattern.test(sql))?.[1];

const readText = (bytes: Buffer, from: number): [text: string, next: number] => {
  const end = bytes.indexOf(0, from);
  return [bytes.toString('utf8', from, end), end + 1];
};

/** The SQL in a client's message; only `Query` and `Parse` messages have any. */
const statementIn = (type: string, body: Buffer): string | undefined => {
  if (type === 'Q') return readText(body, 0)[0];
  if (type !== 'P') return undefined;
  const [, next] = readText(body, 0);
  return readText(body, next)[0];
};

/** Passes a client's messages through unchanged and reports each SQL statement in them. */
export const createStatementTap = (onStatement: (sql: string) => void): Transform => {
  let pending: Buffer = Buffer.alloc(0);
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      // A message is one byte for its type and a length that counts itself but not the type.
      while (pending.length >= 5 && pending.length > pending.readInt32BE(1)) {
        const end = 1 + pending.readInt32BE(1);
        const sql = statementIn(pending.toString('latin1', 0, 1), pending.subarray(5, end));
        if (sql) onStatement(sql);
        pending = pending.subarray(end);
      }
      done(null, chunk);
    },
  });
};
