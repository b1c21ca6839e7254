import type { Database } from '../database/database.ts';
import { readStatement } from '../database/statements.ts';
import { type Calls, COLUMNS, noCalls, type Value } from './calls.ts';

/** A call's place in its day: microseconds since 1970, and its id. */
export interface Key {
  micros: number;
  id: string;
}

/** How many calls one statement reads. Of the largest possible, these are 90 MB. */
const PAGE_ROWS = 5_000;
/** At most so many calls are in a file, and about so many characters: a file is in memory, as it is written and read. */
const FILE_ROWS = 100_000;
const FILE_CHARACTERS = 64 * 1024 * 1024;

/** JSON has no numbers beyond 2^53, NaN or infinities: they come as texts. */
const fromJson: Partial<Record<(typeof COLUMNS)[number][1], (value: Value) => Value>> = {
  bigint: (value) => (value === null ? null : BigInt(value)),
  double: (value) => (value === null ? null : Number(value)),
};

const charactersOf = (values: readonly Value[]): number =>
  values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0);

const readPage = async (database: Database, day: string, after: Key): Promise<Calls> => {
  const values = [day, after.micros, after.id, PAGE_ROWS];
  const { rows } = await database.run((client) => client.query<Calls>(readStatement('archive-read-calls'), values));
  // Without calls every column is null.
  return rows[0]?.started_at ? rows[0] : noCalls();
};

/** Where the calls of a day begin. */
export const beforeDay = (day: string): Key => ({
  micros: Date.parse(`${day}T00:00:00Z`) * 1_000 - 1,
  id: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
});

/** The key of the last of these calls; undefined without any. */
export const lastKeyOf = (calls: Calls): Key | undefined => {
  const micros = calls.started_at.at(-1);
  return micros == null ? undefined : { micros: Number(micros), id: String(calls.event_id.at(-1)) };
};

/** The next calls of a day after this key, as many as a file takes; none at its end. */
export const readCalls = async (database: Database, day: string, after: Key): Promise<Calls> => {
  const calls = noCalls();
  let characters = 0;
  while (calls.started_at.length <= FILE_ROWS - PAGE_ROWS && characters < FILE_CHARACTERS) {
    const page = await readPage(database, day, lastKeyOf(calls) ?? after);
    for (const [name, type] of COLUMNS) {
      const convert = fromJson[type];
      const values = convert ? page[name].map(convert) : page[name];
      characters += charactersOf(values);
      for (const value of values) calls[name].push(value);
    }
    if (page.started_at.length < PAGE_ROWS) break;
  }
  return calls;
};
