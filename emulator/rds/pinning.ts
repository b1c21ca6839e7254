import { Transform } from 'node:stream';

/**
 * What makes RDS Proxy keep one connection of the server for one client until that leaves: documented under "Avoiding
 * pinning an RDS Proxy". It costs what the proxy was for, and nothing else; what functions and stored code do within is not seen.
 */
const PINNING: [pattern: RegExp, reason: string][] = [
  [/^\s*(set|reset)\b/i, 'a SET statement'],
  [/\bset_config\s*\(/i, 'a parameter set by set_config'],
  [/^\s*(prepare|execute|deallocate)\b/i, 'a prepared statement'],
  [/^\s*discard\b/i, 'a DISCARD statement'],
  [/^\s*listen\b/i, 'a LISTEN statement'],
  [/^\s*load\b/i, 'a library module'],
  [/^\s*declare\b/i, 'a cursor'],
  [/^\s*create\s+(local\s+|global\s+)?temp(orary)?\b/i, 'something temporary'],
  [/\b(nextval|setval)\s*\(/i, 'a sequence'],
  [/\bpg_(try_)?advisory_lock(_shared)?\s*\(/i, 'an advisory lock of the session'],
];
const LONGEST_BYTES = 16 * 1_024;

/** Why a statement pins its session; nothing when it does not. */
export const pinReason = (sql: string): string | undefined =>
  Buffer.byteLength(sql) > LONGEST_BYTES
    ? 'a statement of more than 16 KB'
    : PINNING.find(([pattern]) => pattern.test(sql))?.[1];

const untilNul = (bytes: Buffer, from: number): [text: string, next: number] => {
  const end = bytes.indexOf(0, from);
  return [bytes.toString('utf8', from, end), end + 1];
};

/** The SQL in a message of a client, where there is any: `Query` and `Parse`. */
const statementIn = (type: string, body: Buffer): string | undefined => {
  if (type === 'Q') return untilNul(body, 0)[0];
  if (type !== 'P') return undefined;
  const [, next] = untilNul(body, 0);
  return untilNul(body, next)[0];
};

/** Lets a client's messages through, unchanged, and tells of each statement among them. */
export const overhearing = (onStatement: (sql: string) => void): Transform => {
  let rest: Buffer = Buffer.alloc(0);
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
        const end = 1 + rest.readInt32BE(1);
        const sql = statementIn(rest.toString('latin1', 0, 1), rest.subarray(5, end));
        if (sql) onStatement(sql);
        rest = rest.subarray(end);
      }
      done(null, chunk);
    },
  });
};
