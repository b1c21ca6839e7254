import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { HOUR_MS } from '../lambdas/contract/durations.ts';
import type { Database } from '../lambdas/database/database.ts';
import { BATCH, CrashingStore } from './crash/crashing-store.ts';
import { createRandom } from './statistics/random.ts';
import { generateCalls, type Traffic } from './store/generate.ts';
import { checkLimits, printTable } from './table.ts';

const USAGE = `npm run bench -- crash [--rows 1000000] [--seed 1]
Stores calls with four writers and a roll-up while the server and the writers are killed (SIGKILL) at random. Each batch
is sent again until it is certainly stored, and a tenth of them once more. Then all is compared with a plain count.`;

const WRITERS = 4;
const SHARE_SENT_TWICE = 0.1;
const SHARE_OF_SERVER_KILLS = 0.25;

/** What the stored calls and the roll-ups must be, counted one call after the other. */
const countPlainly = (traffic: Traffic): Map<string, string> => {
  const counts = new Map<string, { calls: number; us: number }>();
  for (let from = 0; from < traffic.calls; from += BATCH)
    for (const call of generateCalls(traffic, from, Math.min(BATCH, traffic.calls - from))) {
      const key = `${call.tenant_id} ${call.name} ${call.error_code ?? ''}`;
      const count = counts.get(key) ?? { calls: 0, us: 0 };
      counts.set(key, { calls: count.calls + 1, us: count.us + Math.round(call.duration_ms * 1_000) });
    }
  return new Map([...counts].map(([key, { calls, us }]) => [key, `${calls} ${us}`]));
};

const STORED_CALLS = `select concat_ws(' ', tenant_id, name, coalesce(error_code, '')) as key,
  count(*) || ' ' || sum(round(duration_ms * 1000)::bigint) as counted from analytics.invocations group by 1`;
const ROLLED_UP = `select concat_ws(' ', tenant_id, name, error_code) as key,
  sum(calls) || ' ' || sum(total_us) as counted from rollup.tenant_hour group by 1`;

/** How many keys are missing or have another count than expected. */
const countWrong = async (operator: Database, text: string, expected: Map<string, string>): Promise<number> => {
  const { rows } = await operator.run((client) => client.query<{ key: string; counted: string }>(text));
  const missing = expected.size - rows.filter(({ key }) => expected.has(key)).length;
  return missing + rows.filter(({ key, counted }) => expected.get(key) !== counted).length;
};

/** Stores the traffic while something is killed every half a second to two seconds. */
const storeUnderKills = async (store: CrashingStore, traffic: Traffic, random: () => number): Promise<void> => {
  const batches = Array.from({ length: Math.ceil(traffic.calls / BATCH) }, (_, index) => index * BATCH);
  const waiting = [...batches, ...batches.filter(() => random() < SHARE_SENT_TWICE)];
  let isWriting = true;
  const kill = async () => {
    while (isWriting) {
      await pause(500 + random() * 1_500);
      if (random() < SHARE_OF_SERVER_KILLS) await store.killServer();
      else store.killWriter(random);
    }
  };
  const rollUp = async () => {
    const refresher = store.open('refresher');
    // A query fails when the server is killed meanwhile.
    while (isWriting)
      await refresher.run((client) => client.query('select rollup.roll_up(20)')).catch(() => pause(200));
    await refresher.close().catch(() => {}); // the server may be down
  };
  const background = [kill(), rollUp()];
  await Promise.all(Array.from({ length: WRITERS }, () => store.write(traffic, waiting)));
  isWriting = false;
  await Promise.all(background);
};

const compareWithPlainCount = async (store: CrashingStore, traffic: Traffic): Promise<boolean> => {
  const refresher = store.open('refresher');
  await refresher.run((client) => client.query('select analytics.refresh_all_views()'));
  await refresher.close();
  const operator = store.open('operator');
  const expected = countPlainly(traffic);
  const hourOf = (ms: number) => new Date(Math.floor(ms / HOUR_MS) * HOUR_MS);
  const range = [hourOf(traffic.fromMs), hourOf(Date.now() + HOUR_MS)];
  const differences = await operator.run(
    async (client) => (await client.query('select * from rollup.differences($1, $2)', range)).rows.length,
  );
  const wrongCalls = await countWrong(operator, STORED_CALLS, expected);
  const wrongRollUps = await countWrong(operator, ROLLED_UP, expected);
  await operator.close();
  printTable([
    {
      calls: traffic.calls,
      'batches sent': store.batchesSent,
      'server killed': store.serverKills,
      'writers killed': store.writerKills,
    },
  ]);
  return checkLimits([
    { what: 'calls that differ from the plain count', measured: wrongCalls, atMost: 0 },
    { what: 'roll-ups that differ from the plain count', measured: wrongRollUps, atMost: 0 },
    { what: 'cells that differ from the calls', measured: differences, atMost: 0 },
    { what: 'kills of the server', measured: store.serverKills, atLeast: 1 },
    { what: 'kills of writers', measured: store.writerKills, atLeast: 1 },
  ]);
};

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
  const seed = Number(values.seed);
  const traffic = { seed, fromMs: Date.now() - 6 * HOUR_MS, spanMs: 5 * HOUR_MS, calls: Number(values.rows) };
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-crash-'));
  try {
    const store = await CrashingStore.start(folder);
    try {
      await storeUnderKills(store, traffic, createRandom(seed));
      return await compareWithPlainCount(store, traffic);
    } finally {
      await store.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
