import * as z from 'zod';
import { ANSWER_LIMIT_BYTES, fitsInAnswer, measureEmbedded } from '../../contract/answer-size.ts';
import { DAY_MS } from '../../contract/durations.ts';
import { moment } from '../../contract/queries.ts';
import { InvalidParametersError } from './query.ts';

/** Where a list goes on: what the last row shown is sorted by. Requesters pass it back as it is. */
export const writeCursor = (parts: readonly string[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url');

/** Since when a list has rows, in a cursor. */
export const cursorStart = moment;

/**
 * Since when a list has rows: as its first page said, because a beginning that is counted from now would leave rows out
 * as time goes on. `from` is that beginning, and a list goes on for a day.
 */
export const startOf = (from: string, ofFirstPage: string | undefined): string => {
  if (ofFirstPage === undefined) return from;
  return new Date(Math.max(Date.parse(ofFirstPage), Date.parse(from) - DAY_MS)).toISOString();
};

/** A time in a cursor, which has microseconds. */
export const cursorTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  .refine((text) => !Number.isNaN(Date.parse(text)));

const parseCursor = (after: string): unknown => {
  try {
    return JSON.parse(Buffer.from(after, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
};

/** The parts of a cursor; undefined without one. Throws an `InvalidParametersError` for one that no answer gave. */
export const readCursor = <Schema extends z.ZodType>(
  schema: Schema,
  after: string | undefined,
): z.output<Schema> | undefined => {
  if (after === undefined) return undefined;
  const parsed = schema.safeParse(parseCursor(after));
  if (parsed.success) return parsed.data;
  throw new InvalidParametersError('Parameter after: write the `next` of the answer before.', ['after']);
};

/** How many of these rows an answer can have: at least one, which is far shorter than an answer may be. */
const countFitting = (rows: readonly unknown[]): number => {
  if (fitsInAnswer(JSON.stringify(rows))) return rows.length;
  let bytes = 0;
  const beyond = rows.findIndex((row) => {
    bytes += measureEmbedded(JSON.stringify(row)) + 1;
    return bytes > ANSWER_LIMIT_BYTES;
  });
  return beyond === -1 ? rows.length : Math.max(beyond, 1);
};

/**
 * A page of rows, of which one more than `limit` were read where there are more, and where the list goes on. It has fewer
 * where the answer would be longer than Lambda takes.
 */
export const pageOf = <Row>(
  rows: readonly Row[],
  limit: number,
  sortedBy: (row: Row) => readonly string[],
): { rows: Row[]; next: string | null } => {
  const shown = rows.slice(0, countFitting(rows.slice(0, limit)));
  const last = rows.length > shown.length ? shown.at(-1) : undefined;
  return { rows: shown, next: last === undefined ? null : writeCursor(sortedBy(last)) };
};
