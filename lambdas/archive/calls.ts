import { ARCHIVE_COLUMNS, type ArchiveType } from '../contract/archive.ts';

export type Value = string | number | bigint | boolean | null;

/** Calls by column, in the order of their key. Times are microseconds since 1970. */
export type Calls = Record<keyof typeof ARCHIVE_COLUMNS, Value[]>;

export const COLUMNS = Object.entries(ARCHIVE_COLUMNS) as [keyof Calls, ArchiveType][];

/** No calls, to which some can be added. */
export const noCalls = (): Calls => Object.fromEntries(COLUMNS.map(([name]) => [name, []])) as unknown as Calls;
