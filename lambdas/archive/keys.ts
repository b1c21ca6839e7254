import { ARCHIVE_FOLDER } from '../contract/archive.ts';

/** The folder of a day, as Athena and Hive name partitions. */
export const folderOf = (day: string): string => `${ARCHIVE_FOLDER}/day=${day}/`;

/** A file of a day; the first is 0. */
export const keyOf = (day: string, part: number): string =>
  `${folderOf(day)}part-${String(part).padStart(5, '0')}.parquet`;

/** What a day's files are, written last. Readers of tables leave out names that begin with `_`. */
export const manifestKeyOf = (day: string): string => `${folderOf(day)}_manifest.json`;
