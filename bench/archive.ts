import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { archiveDays } from '../lambdas/archive/archive-days.ts';
import type { ObjectStore } from '../lambdas/archive/object-store.ts';
import { restorePart } from '../lambdas/archive/restore-part.ts';
import { DAY_MS } from '../lambdas/contract/durations.ts';
import { openDatabase } from '../lambdas/database/database.ts';
import { fill } from './store/fill.ts';
import { measureMs } from './store/measure.ts';
import { type StoreServer, startStoreServer } from './store/store-server.ts';
import { checkLimits, printTable } from './table.ts';

const USAGE = `npm run bench -- archive [--rows 1000000]
Writing a day of calls as Parquet, reading it back and comparing it with the store; and bringing one file back. Files are
in a folder, so the way to S3 is not measured. A million rows take about two minutes and 2 GB of disk.`;

const RETENTION_DAYS = 1;
const AGE_DAYS = 10;
/** What the function of the archive has. */
const MEMORY_MIB = 1_769;
const LARGE_DAY_ROWS = 10_000_000;
/** The three starts of a night, of fifteen minutes each. */
const NIGHT_MINUTES = 45;

const folderObjects = (folder: string): ObjectStore => {
  const pathOf = (key: string) => join(folder, key);
  return {
    put: async (key, content) => {
      mkdirSync(dirname(pathOf(key)), { recursive: true });
      writeFileSync(pathOf(key), content);
    },
    get: async (key) => readFileSync(pathOf(key)),
    list: async (prefix) =>
      existsSync(pathOf(prefix)) ? readdirSync(pathOf(prefix)).map((name) => `${prefix}${name}`) : [],
    remove: async (key) => rmSync(pathOf(key)),
  };
};

const measureAll = async (server: StoreServer, rows: number, folder: string): Promise<boolean> => {
  const fromMs = Math.floor(Date.now() / DAY_MS - AGE_DAYS) * DAY_MS;
  const day = new Date(fromMs).toISOString().slice(0, 10);
  await server.superuser.query('update analytics.horizon set archives = true');
  await server.superuser.query('select analytics.make_days($1::date, $1::date)', [day]);
  await fill(server, { seed: 1, fromMs, spanMs: DAY_MS - 1_000, calls: rows }, { rollUp: false });
  // What is not counted is not dropped, and counting is not measured here.
  await server.superuser.query('truncate rollup.pending_batches');
  await server.superuser.query('vacuum analyze analytics.invocations');
  const database = openDatabase({ connectionString: server.urlFor('archive') });
  const objects = folderObjects(folder);
  let peak = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  const cpu = process.cpuUsage();
  const ms = await measureMs(async () => {
    const result = await archiveDays({ database, objects, retentionDays: RETENTION_DAYS, hasTime: () => true });
    const written = result.archived.reduce((sum, archived) => sum + archived.rows, 0);
    if (written !== rows) throw new Error(`${written} rows were archived`);
  });
  const { user, system } = process.cpuUsage(cpu);
  const dropMs = await measureMs(async () => {
    let dropped: string | null = '';
    while (dropped !== null)
      dropped = (await server.superuser.query(`select analytics.drop_oldest_day(${RETENTION_DAYS}) as day`)).rows[0]
        .day;
  });
  const request = { day, part: 0, hold_days: 1 };
  let restored = 0;
  // The day is compared with its archive once its last file is back, which one file alone is not.
  const restoreMs = await measureMs(async () => {
    restored = (await restorePart(database, objects, request)).restored;
  });
  clearInterval(sampling);
  await database.close();
  const bytes = readdirSync(join(folder, `calls/day=${day}`)).reduce(
    (sum, name) => sum + statSync(join(folder, `calls/day=${day}`, name)).size,
    0,
  );
  const rate = (rows / ms) * 1_000;
  printTable([
    { what: 'archiving, rows a second', value: rate },
    { what: 'of the processor, milliseconds per thousand rows', value: (user + system) / rows },
    { what: `ten million rows at that rate, minutes`, value: LARGE_DAY_ROWS / rate / 60 },
    { what: 'bytes a row', value: bytes / rows },
    { what: 'peak memory, MiB', value: peak / 2 ** 20 },
    { what: 'dropping the day, counting it first, ms', value: dropMs },
    { what: 'restoring, rows a second', value: (restored / restoreMs) * 1_000 },
  ]);
  return checkLimits([
    { what: 'ten million rows, minutes', measured: LARGE_DAY_ROWS / rate / 60, atMost: NIGHT_MINUTES },
    { what: 'peak memory, MiB', measured: peak / 2 ** 20, atMost: MEMORY_MIB },
  ]);
};

export const run = async (options: string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: options,
    options: { rows: { type: 'string', default: '1000000' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  const server = await startStoreServer();
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-bench-archive-'));
  try {
    return await measureAll(server, Number(values.rows), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await server.stop();
  }
};
