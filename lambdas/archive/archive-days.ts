import type { Database } from '../database/database.ts';
import { readStatement } from '../database/statements.ts';
import type { Calls } from './calls.ts';
import { checksumOf } from './checksum.ts';
import { folderOf, keyOf, manifestKeyOf } from './keys.ts';
import { type ObjectStore, sha256Of } from './object-store.ts';
import { readParquet, writeParquet } from './parquet.ts';
import { beforeDay, type Key, lastKeyOf, readCalls } from './read-calls.ts';

interface ArchivedDay {
  day: string;
  files: number;
  rows: number;
  bytes: number;
}

export interface ArchiveResult {
  archived: ArchivedDay[];
  /** The day that the next run goes on with; null when nothing is left. */
  unfinished: string | null;
}

interface Archive {
  database: Database;
  objects: ObjectStore;
  retentionDays: number;
  /** Whether there is time for one more file. */
  hasTime(): boolean;
}

interface WrittenPart {
  part: number;
  rows: number;
  bytes: number;
  sha256: string;
  last_micros: number;
  last_event_id: string;
}

/** A day is archived anew when calls of it were stored meanwhile: so late that twice is more than enough. */
const MAX_TRIES = 3;

const query = <Row extends object>(database: Database, name: string, values: unknown[]): Promise<Row[]> =>
  database.run(async (client) => (await client.query<Row>(readStatement(name), values)).rows);

/** Writes a file, and has the store compare what is read back from it with what is stored. Throws when they differ. */
const writePart = async ({ database, objects }: Archive, day: string, part: number, calls: Calls): Promise<void> => {
  const key = keyOf(day, part);
  const written = writeParquet(calls);
  await objects.put(key, written);
  const content = await objects.get(key);
  const sha256 = sha256Of(content);
  if (!sha256.equals(sha256Of(written))) throw new Error(`${key} is not what was written`);
  const read = await readParquet(content);
  const last = lastKeyOf(read);
  const facts = [read.started_at.length, String(checksumOf(read)), content.length, sha256.toString('hex')];
  await query(database, 'archive-note-part', [day, part, ...facts, last?.micros, last?.id]);
};

/** Writes what is not written of the day. False when the time is over before its end. */
const writeDay = async (archive: Archive, day: string): Promise<boolean> => {
  const { database } = archive;
  const parts = await query<WrittenPart>(database, 'archive-parts', [day]);
  const last = parts.at(-1);
  let after: Key = last ? { micros: last.last_micros, id: last.last_event_id } : beforeDay(day);
  for (let part = parts.length; archive.hasTime(); part += 1) {
    const calls = await readCalls(database, day, after);
    const end = lastKeyOf(calls);
    if (!end) return true;
    await writePart(archive, day, part, calls);
    after = end;
  }
  return false;
};

/** Removes the files that an earlier try wrote and this one did not, then writes the list of those that count. */
const finishFolder = async ({ objects }: Archive, day: string, parts: readonly WrittenPart[]): Promise<void> => {
  const keys = new Set(parts.map(({ part }) => keyOf(day, part)));
  for (const key of await objects.list(folderOf(day))) if (!keys.has(key)) await objects.remove(key);
  if (parts.length === 0) return;
  const files = parts.map(({ part, rows, bytes, sha256 }) => ({ file: keyOf(day, part), rows, bytes, sha256 }));
  await objects.put(manifestKeyOf(day), Buffer.from(JSON.stringify({ day, files }, null, 2)));
};

const archiveDay = async (archive: Archive, day: string): Promise<ArchivedDay | undefined> => {
  const { database } = archive;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    if (!(await writeDay(archive, day))) return undefined;
    const parts = await query<WrittenPart>(database, 'archive-parts', [day]);
    await finishFolder(archive, day, parts);
    const [noted] = await query<{ archived: boolean }>(database, 'archive-note-day', [day]);
    const total = (of: 'rows' | 'bytes') => parts.reduce((sum, part) => sum + part[of], 0);
    if (noted?.archived) return { day, files: parts.length, rows: total('rows'), bytes: total('bytes') };
    await query(database, 'archive-anew', [day]);
  }
  throw new Error(`Calls of ${day} were stored each time while it was archived`);
};

/**
 * Archives the days past their retention, the oldest first, until all are archived or the time is over; another run goes
 * on after the last file. Each file is read back and compared with the store before the next is written, and a day
 * counts as archived once its files have all of its calls. Throws when a file is not what it should be, or the place of
 * files does not answer.
 */
export const archiveDays = async (archive: Archive): Promise<ArchiveResult> => {
  const archived: ArchivedDay[] = [];
  const days = await query<{ day: string }>(archive.database, 'archive-days', [archive.retentionDays]);
  for (const { day } of days) {
    const done = await archiveDay(archive, day);
    if (!done) return { archived, unfinished: day };
    archived.push(done);
  }
  return { archived, unfinished: null };
};
