import { parseArgs } from 'node:util';
import type pg from 'pg';
import type { Invocation } from '../lambdas/contract/invocation.ts';
import { openDatabase } from '../lambdas/database/database.ts';
import { store } from '../lambdas/ingest/store.ts';
import { MeasuredStore } from './ingest/measured-store.ts';
import { Rounds } from './ingest/rounds.ts';
import { measureThroughput, medianOf, type Throughput } from './ingest/throughput.ts';
import { queryNumber } from './store/measure.ts';
import { createSeedsTable, insertIntoSeedsTable } from './store/seeds-way.ts';
import { type StoreServer, startStoreServer } from './store/store-server.ts';
import { checkLimits, printTable } from './table.ts';

const USAGE = `npm run bench -- ingest [--rows 100000] [--batch 2000] [--rounds 3] [--seeds-rows 10000]
Storing calls: as the seed documents do it, by raw COPY, and by ingest, side by side. Batches are encoded beforehand, so
only the server is measured.`;

const CONTENDING_WRITERS = 8;

const measureSeedsWay = async (superuser: pg.Client, calls: Invocation[]): Promise<Throughput> => {
  await createSeedsTable(superuser);
  return measureThroughput(superuser, calls.length, async () => {
    for (const call of calls) await insertIntoSeedsTable(superuser, call);
  });
};

type Way = 'copy' | 'ingest' | 'again' | 'rollUp' | 'copy4' | 'ingest4';

const measureWays = async (measured: MeasuredStore, rounds: number): Promise<Record<Way, Throughput>> => {
  // Not measured: the first writes are slower, whichever way they take.
  await measured.copy(1);
  await measured.ingest(1);
  await measured.rollUp();
  const ways: Record<Way, Throughput[]> = { copy: [], ingest: [], again: [], rollUp: [], copy4: [], ingest4: [] };
  for (let round = 0; round < rounds; round += 1) {
    ways.copy.push(await measured.copy(1));
    const batches = measured.encodeRound();
    ways.ingest.push(await measured.ingest(1, batches));
    ways.rollUp.push(await measured.rollUp());
    ways.again.push(await measured.ingest(1, batches));
    ways.copy4.push(await measured.copy(4));
    ways.ingest4.push(await measured.ingest(4));
    await measured.rollUp();
  }
  return {
    copy: medianOf(ways.copy),
    ingest: medianOf(ways.ingest),
    again: medianOf(ways.again),
    rollUp: medianOf(ways.rollUp),
    copy4: medianOf(ways.copy4),
    ingest4: medianOf(ways.ingest4),
  };
};

/**
 * Eight writers store each batch twice, in opposite orders. Returns how many rows are missing; negative when rows are
 * duplicated.
 */
const countMissingAfterContention = async (server: StoreServer, batches: Invocation[][]): Promise<number> => {
  const countRows = () => queryNumber(server.superuser, 'select count(*) from analytics.invocations');
  const rowsBefore = await countRows();
  await Promise.all(
    Array.from({ length: CONTENDING_WRITERS }, async (_, writer) => {
      const database = openDatabase({ connectionString: server.urlFor('writer') });
      const ownBatches = batches.filter((_batch, index) => index % 4 === writer % 4);
      for (const batch of writer < 4 ? ownBatches : ownBatches.reverse()) await store(database, batch);
      await database.close();
    }),
  );
  return rowsBefore + batches.flat().length - (await countRows());
};

/** Of the table of calls and its indexes. */
const measureBytesPerRow = (superuser: pg.Client): Promise<number> =>
  queryNumber(
    superuser,
    `select sum(pg_total_relation_size(inhrelid)) / (select count(*) from analytics.invocations)
     from pg_inherits where inhparent = 'analytics.invocations'::regclass and pg_relation_size(inhrelid) > 0`,
  );

interface Results extends Record<Way, Throughput> {
  seeds: Throughput;
  missing: number;
  bytesPerRow: number;
}

const reportResults = (results: Results): boolean => {
  const { seeds, copy, ingest, again, rollUp, copy4, ingest4 } = results;
  const ingestAndRollUp: Throughput = {
    rowsPerSecond: 1 / (1 / ingest.rowsPerSecond + 1 / rollUp.rowsPerSecond),
    walPerRow: ingest.walPerRow + rollUp.walPerRow,
  };
  const rows: [way: string, throughput: Throughput][] = [
    ["the seeds' way, 1 writer", seeds],
    ['raw COPY, 1 writer', copy],
    ['ingest, 1 writer', ingest],
    ['ingest again, all duplicates', again],
    ['roll-up', rollUp],
    ['ingest, then roll-up', ingestAndRollUp],
    ['raw COPY, 4 writers', copy4],
    ['ingest, 4 writers', ingest4],
  ];
  printTable(
    rows.map(([way, { rowsPerSecond, walPerRow }]) => ({
      way,
      'rows/s': rowsPerSecond,
      'WAL bytes/row': walPerRow,
    })),
  );
  const rateOf = (way: Throughput, other: Throughput) => way.rowsPerSecond / other.rowsPerSecond;
  return checkLimits([
    { what: 'ingest against raw COPY, one writer', measured: rateOf(ingest, copy), atLeast: 0.5 },
    { what: 'ingest against raw COPY, four writers', measured: rateOf(ingest4, copy4), atLeast: 0.6 },
    { what: "ingest against the seeds' way", measured: rateOf(ingest, seeds), atLeast: 20 },
    { what: 'ingest and roll-up against raw COPY', measured: rateOf(ingestAndRollUp, copy), atLeast: 0.25 },
    { what: 'a redelivered batch against a new one', measured: rateOf(again, ingest), atLeast: 1 },
    { what: 'roll-up against ingest', measured: rateOf(rollUp, ingest), atLeast: 1.3 },
    { what: 'WAL against raw COPY', measured: ingest.walPerRow / copy.walPerRow, atMost: 1.4 },
    { what: 'bytes of table and indexes a row', measured: results.bytesPerRow, atMost: 450 },
    { what: 'rows lost or doubled by eight writers that overlap', measured: Math.abs(results.missing), atMost: 0 },
  ]);
};

export const run = async (options: string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: options,
    options: {
      rows: { type: 'string', default: '100000' },
      batch: { type: 'string', default: '2000' },
      rounds: { type: 'string', default: '3' },
      'seeds-rows': { type: 'string', default: '10000' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  const server = await startStoreServer();
  const { superuser } = server;
  try {
    const rounds = new Rounds(Number(values.rows), Number(values.batch));
    const seeds = await measureSeedsWay(superuser, rounds.next(Number(values['seeds-rows'])).flat());
    const measured = await MeasuredStore.open(server, rounds);
    const ways = await measureWays(measured, Number(values.rounds));
    await measured.close();
    const missing = await countMissingAfterContention(server, rounds.next());
    return reportResults({ ...ways, seeds, missing, bytesPerRow: await measureBytesPerRow(superuser) });
  } finally {
    await server.stop();
  }
};
