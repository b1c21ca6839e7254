import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDatabase } from '../lambdas/database/database.ts';
import { migrate } from '../lambdas/migrate/migrate.ts';
import { makeDatabase, type PostgresServer, startPostgres } from '../local/postgres.ts';
import type { Order } from './crash/writer.ts';
import { callsOf, randomFrom, type Traffic } from './store/generate.ts';
import { checkLimits, printTable } from './table.ts';

const USAGE = `npm run bench -- crash [--rows 1000000] [--seed 1]
Stores calls with four writers and a roll-up while the server and the writers are killed (SIGKILL) at random, each batch
sent again until it is in for certain, and some of them once more. Then compares everything with a plain count.`;

const BATCH = 2_000;
const WRITERS = 4;
const HOUR_MS = 3_600_000;

const database = (server: PostgresServer, role: string) =>
  openDatabase({
    connectionString: server.url.replace('postgres@', `toolwatch_${role}@`).replace(/postgres$/, 'toolwatch'),
  });

/** Starts the server again after a kill; its orphans may hold on to its memory for a moment. */
const start = async (folder: string, port: number, triesLeft = 40): Promise<PostgresServer> => {
  try {
    return await startPostgres({ folder, port, settings: { shared_buffers: '512MB' } });
  } catch (error) {
    if (triesLeft === 0) throw error;
    await pause(500);
    return start(folder, port, triesLeft - 1);
  }
};

interface Tally {
  serverKills: number;
  writerKills: number;
  sent: number;
}

/** One writer after another in the same place: when one dies, its batch goes back and the next takes over. */
const keepWriting = async (
  url: string,
  traffic: Traffic,
  waiting: number[],
  living: Set<ChildProcess>,
  tally: Tally,
) => {
  const file = join(import.meta.dirname, 'crash/writer.ts');
  let writer: ChildProcess | undefined;
  for (let from = waiting.shift(); from !== undefined; from = waiting.shift()) {
    writer ??= fork(file, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const current = writer;
    living.add(current);
    const order: Order = { url, traffic, from, count: Math.min(BATCH, traffic.calls - from) };
    const stored = await new Promise<boolean>((resolve) => {
      current.once('message', (answer: { stored: boolean }) => resolve(answer.stored));
      current.once('exit', () => resolve(false));
      current.send(order);
    });
    current.removeAllListeners();
    tally.sent += 1;
    if (!stored) waiting.push(from);
    if (current.exitCode !== null || current.signalCode !== null) {
      living.delete(current);
      writer = undefined;
    } else if (!stored) await pause(200);
  }
  writer?.kill('SIGKILL');
};

/** What the facts and the roll-ups must say, counted one call after the other. */
const plainCount = (traffic: Traffic): Map<string, string> => {
  const counts = new Map<string, { calls: number; us: number }>();
  for (let from = 0; from < traffic.calls; from += BATCH)
    for (const call of callsOf(traffic, from, Math.min(BATCH, traffic.calls - from))) {
      const key = `${call.tenant_id} ${call.name} ${call.error_code ?? ''}`;
      const count = counts.get(key) ?? { calls: 0, us: 0 };
      counts.set(key, { calls: count.calls + 1, us: count.us + Math.round(call.duration_ms * 1_000) });
    }
  return new Map([...counts].map(([key, { calls, us }]) => [key, `${calls} ${us}`]));
};

const FACTS = `select concat_ws(' ', tenant_id, name, coalesce(error_code, '')) as key,
  count(*) || ' ' || sum(round(duration_ms * 1000)::bigint) as counted from analytics.invocations group by 1`;
const ROLLED_UP = `select concat_ws(' ', tenant_id, name, error_code) as key, sum(calls) || ' ' || sum(total_us) as counted
  from rollup.tenant_hour group by 1`;

export const run = async (options: string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: options,
    options: {
      rows: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  const random = randomFrom(Number(values.seed));
  const fromMs = Date.now() - 6 * HOUR_MS;
  const traffic = { seed: Number(values.seed), fromMs, spanMs: 5 * HOUR_MS, calls: Number(values.rows) };
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-crash-'));
  const tally: Tally = { serverKills: 0, writerKills: 0, sent: 0 };
  let server = await start(folder, 0);
  try {
    await makeDatabase(server);
    const owner = database(server, 'owner');
    await owner.run((client) => migrate(client));
    await owner.close();

    const batches = Array.from({ length: Math.ceil(traffic.calls / BATCH) }, (_, at) => at * BATCH);
    const waiting = [...batches, ...batches.filter(() => random() < 0.1)];
    const url = server.url.replace('postgres@', 'toolwatch_writer@').replace(/postgres$/, 'toolwatch');
    const living = new Set<ChildProcess>();
    let writing = true;
    const writers = Promise.all(
      Array.from({ length: WRITERS }, () => keepWriting(url, traffic, waiting, living, tally)),
    );
    const disturb = async () => {
      while (writing) {
        await pause(500 + random() * 1_500);
        if (random() < 0.25) {
          const died = new Promise((resolve) => server.process.once('exit', resolve));
          server.process.kill('SIGKILL');
          tally.serverKills += 1;
          await died;
          server = await start(folder, server.port);
        } else {
          const [victim] = [...living].sort(() => random() - 0.5);
          victim?.kill('SIGKILL');
          tally.writerKills += victim ? 1 : 0;
        }
      }
    };
    const rollUp = async () => {
      const refresher = database(server, 'refresher');
      while (writing) {
        await refresher.run((client) => client.query('select rollup.roll_up(20)')).catch(() => pause(200)); // killed meanwhile
      }
      await refresher.close().catch(() => {}); // its server may be gone
    };
    const [disturbing, rolling] = [disturb(), rollUp()];
    await writers;
    writing = false;
    await Promise.all([disturbing, rolling]);

    const refresher = database(server, 'refresher');
    await refresher.run((client) => client.query('select analytics.refresh_all_views()'));
    await refresher.close();
    const operator = database(server, 'operator');
    const expected = plainCount(traffic);
    const wrong = async (text: string): Promise<number> => {
      const { rows } = await operator.run((client) => client.query<{ key: string; counted: string }>(text));
      const missing = expected.size - rows.filter(({ key }) => expected.has(key)).length;
      return missing + rows.filter(({ key, counted }) => expected.get(key) !== counted).length;
    };
    const hour = (ms: number) => new Date(Math.floor(ms / HOUR_MS) * HOUR_MS);
    const differences = await operator.run(
      async (client) =>
        (await client.query('select * from rollup.differences($1, $2)', [hour(fromMs), hour(Date.now() + HOUR_MS)]))
          .rows.length,
    );
    const limits = [
      { what: 'facts that differ from the plain count', measured: await wrong(FACTS), atMost: 0 },
      { what: 'roll-ups that differ from the plain count', measured: await wrong(ROLLED_UP), atMost: 0 },
      { what: 'cells that differ from the facts', measured: differences, atMost: 0 },
      { what: 'kills of the server', measured: tally.serverKills, atLeast: 1 },
      { what: 'kills of writers', measured: tally.writerKills, atLeast: 1 },
    ];
    await operator.close();
    printTable([
      {
        calls: traffic.calls,
        'batches sent': tally.sent,
        'server killed': tally.serverKills,
        'writers killed': tally.writerKills,
      },
    ]);
    return checkLimits(limits);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
