import * as z from 'zod';
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

/** A page of rows, of which one more than `limit` were read where there are more, and where the list goes on. */
export const pageOf = <Row>(
  rows: readonly Row[],
  limit: number,
  sortedBy: (row: Row) => readonly string[],
): { rows: Row[]; next: string | null } => {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { rows: shown, next: last === undefined ? null : writeCursor(sortedBy(last)) };
};
