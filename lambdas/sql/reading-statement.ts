import type { SqlError } from '../contract/sql.ts';

/** A statement in the form in which the database is asked it. */
export interface ReadingStatement {
  text: string;
  /** Whether its rows come from a cursor: PostgreSQL declares one for what reads tables, and for nothing else. */
  hasCursor: boolean;
  /** How many characters further to the right a position is in `text` than in what the person wrote. */
  offset: number;
}

export const CURSOR = 'answer';
const DECLARE = `declare ${CURSOR} no scroll cursor for\n`;

const BLANK = /[ \t\n\r\f\v]+|--[^\n\r]*/y;
const WITH_CURSOR = /(select|with|values|table)(?![\w$\u0080-\uffff])|\(/iy;
const WITHOUT_CURSOR = /(explain|show)(?![\w$\u0080-\uffff])/iy;

const matchAt = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
};

/** The length of the comment that begins here; comments within comments are parts of it. */
const lengthOfComment = (text: string, at: number): number => {
  if (!text.startsWith('/*', at)) return 0;
  const mark = /\/\*|\*\//g;
  mark.lastIndex = at;
  let depth = 0;
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex - at;
  }
  return text.length - at;
};

/** Where the statement itself begins, after blanks and comments. */
const findBeginning = (text: string): number => {
  let at = 0;
  for (;;) {
    const length = matchAt(BLANK, text, at) || lengthOfComment(text, at);
    if (length === 0) return at;
    at += length;
  }
};

const refuse = (message: string): { error: SqlError } => ({ error: { message } });

/**
 * The statement as it is asked, if it is of a kind that reads. PostgreSQL has the last word: a statement whose rows come
 * from a cursor is one by its own grammar, and any other begins with a word that we write.
 */
export const toReadingStatement = (
  statement: string,
  isOfOneTenant: boolean,
): ReadingStatement | { error: SqlError } => {
  const beginning = findBeginning(statement);
  if (beginning >= statement.length) return refuse('There is no statement; write one such as select 1.');
  if (statement.includes('\0')) return refuse('A statement cannot contain a null character.');
  if (matchAt(WITH_CURSOR, statement, beginning) > 0)
    return { text: DECLARE + statement, hasCursor: true, offset: DECLARE.length };
  if (matchAt(WITHOUT_CURSOR, statement, beginning) === 0)
    return refuse('Only statements that read are run: SELECT, WITH, VALUES, TABLE, EXPLAIN and SHOW.');
  // How many rows the planner expects, or a filter removes, says something about other tenants' rows.
  if (isOfOneTenant && /^explain/i.test(statement.slice(beginning)))
    return refuse('EXPLAIN is not run for one tenant, because it counts the rows of all; leave out --tenant.');
  const before = [...statement.slice(0, beginning)].length;
  return { text: statement.slice(beginning), hasCursor: false, offset: -before };
};
