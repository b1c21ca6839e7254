import { parseArgs } from 'node:util';
import type { Invocation } from '../lambdas/contract/invocation.ts';
import { openDatabase } from '../lambdas/database/database.ts';
import { parametersOf, store } from '../lambdas/ingest/store.ts';
import { copyIn, copyStatement, copyText } from './store/copy-in.ts';
import { connect, elementOid, storeEncoded } from './store/fill.ts';
import { callsOf } from './store/generate.ts';
import { figure, median, timed, walBytes } from './store/measure.ts';
import { insertTheSeedsWay, makeSeedsTable } from './store/seeds-way.ts';
import { type StoreServer, startStoreServer } from './store/store-server.ts';
import { checkLimits, printTable } from './table.ts';

const USAGE = `npm run bench -- ingest [--rows 100000] [--batch 2000] [--rounds 3] [--seeds-rows 10000]
Storing calls: the seeds' way, raw COPY, and ingest, side by side. Batches are encoded beforehand, so that the server is measured.`;

interface Way {
  rowsPerSecond: number;
  walPerRow: number;
}

interface Round {
  rows: number;
  batch: number;
  /** Sets rounds apart: each has calls of its own, a while after the round before. */
  at: number;
}

const SPAN_MS = 60_000;

const batchesOf = ({ rows, batch, at }: Round, fromMs: number): Invocation[][] => {
  const traffic = { seed: at, fromMs: fromMs + at * SPAN_MS, spanMs: SPAN_MS, calls: rows };
  return Array.from({ length: Math.ceil(rows / batch) }, (_, index) => callsOf(traffic, index * batch, batch));
};

/** Sends all batches over so many connections and says how fast they went in. */
const send = async <Batch>(
  server: StoreServer,
  url: string,
  writers: number,
  batches: Batch[],
  rows: number,
  one: (client: Awaited<ReturnType<typeof connect>>, batch: Batch) => Promise<unknown>,
): Promise<Way> => {
  const clients = await Promise.all(Array.from({ length: writers }, () => connect(url)));
  const waiting = [...batches];
  const before = await walBytes(server.superuser);
  const ms = await timed(() =>
    Promise.all(
      clients.map(async (client) => {
        for (let batch = waiting.shift(); batch; batch = waiting.shift()) await one(client, batch);
      }),
    ),
  );
  const wal = (await walBytes(server.superuser)) - before;
  await Promise.all(clients.map((client) => client.end()));
  return { rowsPerSecond: (rows / ms) * 1_000, walPerRow: wal / rows };
};

const middle = (ways: Way[]): Way => ({
  rowsPerSecond: median(ways.map(({ rowsPerSecond }) => rowsPerSecond)),
  walPerRow: median(ways.map(({ walPerRow }) => walPerRow)),
});

/** Eight writers, each batch brought by two of them in opposite orders: how many rows are there that should be, less those that are. */
const contend = async (server: StoreServer, batches: Invocation[][], rows: number): Promise<number> => {
  const before = await figure(server.superuser, 'select count(*) from analytics.invocations');
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      const database = openDatabase({ connectionString: server.urlFor('writer') });
      const own = batches.filter((_batch, index) => index % 4 === writer % 4);
      for (const batch of writer < 4 ? own : own.reverse()) await store(database, batch);
      await database.close();
    }),
  );
  return before + rows - (await figure(server.superuser, 'select count(*) from analytics.invocations'));
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
  const [rows, batch, rounds] = [Number(values.rows), Number(values.batch), Number(values.rounds)];
  const server = await startStoreServer();
  try {
    const oid = await elementOid(server.superuser);
    const writerUrl = server.urlFor('writer');
    const fromMs = Date.now() - 7_200_000;
    let at = 0;
    const nextRound = () => {
      at += 1;
      return batchesOf({ rows, batch, at }, fromMs);
    };
    const raw = (writers: number) => {
      const content = nextRound().map((records, index) => copyText(records, -index - 1));
      const copy = copyStatement('analytics.invocations');
      return send(server, server.urlFor(), writers, content, rows, (client, text) => copyIn(client, copy, text));
    };
    const stored = (writers: number, content: unknown[][]) =>
      send(server, writerUrl, writers, content, rows, storeEncoded);
    const encoded = () => nextRound().map((records) => parametersOf(records, oid));
    const refresher = await connect(server.urlFor('refresher'));

    await makeSeedsTable(server.superuser);
    const single = batchesOf({ rows: Number(values['seeds-rows']), batch, at: 0 }, fromMs).flat();
    const seedsWal = await walBytes(server.superuser);
    const seedsMs = await timed(async () => {
      for (const record of single) await insertTheSeedsWay(server.superuser, record);
    });
    const seeds = {
      rowsPerSecond: (single.length / seedsMs) * 1_000,
      walPerRow: ((await walBytes(server.superuser)) - seedsWal) / single.length,
    };

    await raw(1); // the first is slower, whichever it is
    await stored(1, encoded());
    await refresher.query('select rollup.roll_up()');
    const ways: Record<'copy' | 'ingest' | 'again' | 'rollUp' | 'copy4' | 'ingest4', Way[]> = {
      copy: [],
      ingest: [],
      again: [],
      rollUp: [],
      copy4: [],
      ingest4: [],
    };
    for (let round = 0; round < rounds; round += 1) {
      ways.copy.push(await raw(1));
      const content = encoded();
      ways.ingest.push(await stored(1, content));
      const walBefore = await walBytes(server.superuser);
      const rollUpMs = await timed(() => refresher.query('select rollup.roll_up()'));
      ways.rollUp.push({
        rowsPerSecond: (rows / rollUpMs) * 1_000,
        walPerRow: ((await walBytes(server.superuser)) - walBefore) / rows,
      });
      ways.again.push(await stored(1, content));
      ways.copy4.push(await raw(4));
      ways.ingest4.push(await stored(4, encoded()));
      await refresher.query('select rollup.roll_up()');
    }
    await refresher.end();
    const lost = await contend(server, nextRound(), rows);
    const bytes = await figure(
      server.superuser,
      `select sum(pg_total_relation_size(inhrelid)) / (select count(*) from analytics.invocations)
       from pg_inherits where inhparent = 'analytics.invocations'::regclass and pg_relation_size(inhrelid) > 0`,
    );

    const [copy, ingest, again] = [middle(ways.copy), middle(ways.ingest), middle(ways.again)];
    const [rollUp, copy4, ingest4] = [middle(ways.rollUp), middle(ways.copy4), middle(ways.ingest4)];
    const together = 1 / (1 / ingest.rowsPerSecond + 1 / rollUp.rowsPerSecond);
    printTable([
      { way: "the seeds' way, 1 writer", 'rows/s': seeds.rowsPerSecond, 'WAL bytes/row': seeds.walPerRow },
      { way: 'raw COPY, 1 writer', 'rows/s': copy.rowsPerSecond, 'WAL bytes/row': copy.walPerRow },
      { way: 'ingest, 1 writer', 'rows/s': ingest.rowsPerSecond, 'WAL bytes/row': ingest.walPerRow },
      { way: 'ingest again, all duplicates', 'rows/s': again.rowsPerSecond, 'WAL bytes/row': again.walPerRow },
      { way: 'roll-up', 'rows/s': rollUp.rowsPerSecond, 'WAL bytes/row': rollUp.walPerRow },
      { way: 'ingest, then roll-up', 'rows/s': together, 'WAL bytes/row': ingest.walPerRow + rollUp.walPerRow },
      { way: 'raw COPY, 4 writers', 'rows/s': copy4.rowsPerSecond, 'WAL bytes/row': copy4.walPerRow },
      { way: 'ingest, 4 writers', 'rows/s': ingest4.rowsPerSecond, 'WAL bytes/row': ingest4.walPerRow },
    ]);
    return checkLimits([
      {
        what: 'ingest against raw COPY, one writer',
        measured: ingest.rowsPerSecond / copy.rowsPerSecond,
        atLeast: 0.5,
      },
      {
        what: 'ingest against raw COPY, four writers',
        measured: ingest4.rowsPerSecond / copy4.rowsPerSecond,
        atLeast: 0.6,
      },
      { what: "ingest against the seeds' way", measured: ingest.rowsPerSecond / seeds.rowsPerSecond, atLeast: 20 },
      { what: 'ingest and roll-up against raw COPY', measured: together / copy.rowsPerSecond, atLeast: 0.25 },
      {
        what: 'a redelivered batch against a fresh one',
        measured: again.rowsPerSecond / ingest.rowsPerSecond,
        atLeast: 1,
      },
      { what: 'roll-up against ingest', measured: rollUp.rowsPerSecond / ingest.rowsPerSecond, atLeast: 1.3 },
      { what: 'WAL against raw COPY', measured: ingest.walPerRow / copy.walPerRow, atMost: 1.4 },
      { what: 'bytes of table and indexes a row', measured: bytes, atMost: 450 },
      { what: 'rows lost or doubled by eight writers that overlap', measured: Math.abs(lost), atMost: 0 },
    ]);
  } finally {
    await server.stop();
  }
};
