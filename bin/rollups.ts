import { parseArgs } from 'node:util';
import pg from 'pg';
import { HOUR_MS } from '../lambdas/contract/durations.ts';
import { findLocalStore } from '../local/folder.ts';
import { EXIT, runProgram } from './run-program.ts';

const USAGE = `npm run rollups -- verify|rebuild [options]
verify   compares each roll-up with the calls it was computed from, over the last days, and the totals with the
         roll-ups of all time; lists the calls that are in no roll-up
rebuild  computes the roll-ups again from the calls, and the totals from all roll-ups; calls that arrive meanwhile
         wait, and are added afterwards; calls that could not be counted before are tried again

  --url URL      postgres://…; by default the database of the npm start that runs
  --data FOLDER  the folder of that npm start, if it has one of its own
  --days N       how many days back; 7 by default
  --help         print this text

Exit code: 0 when all is well, 1 when verify finds a difference or a call that is not counted, 2 when the arguments or
the database are wrong.`;
const HOURS_PER_DAY = 24;
const MAX_DIFFERENCES_SHOWN = 20;

type TimeWindow = [from: Date, to: Date];

/** The last days in windows of an hour, so that neither memory nor a lock grows with their number. */
const hourlyWindows = (days: number): TimeWindow[] => {
  const lastHour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const count = days * HOURS_PER_DAY;
  return Array.from({ length: count + 1 }, (_, index) => {
    const from = lastHour - (count - index) * HOUR_MS;
    return [new Date(from), new Date(from + HOUR_MS)];
  });
};

interface Difference {
  rolled_up_in: string;
  cell: string;
  facts: string | null;
  rolled_up: string | null;
}

interface Uncounted {
  calls: string;
  reason: string | null;
}

/** Prints how many calls of these windows are in no roll-up, and why. Resolves to whether all are. */
const verifyAllCounted = async (client: pg.Client, windows: readonly TimeWindow[]): Promise<boolean> => {
  const { rows } = await client.query<Uncounted>(
    `select count(*) as calls, reason from rollup.uncounted_calls where started_at >= $1 group by reason order by reason`,
    [windows[0]?.[0]],
  );
  for (const { calls, reason } of rows)
    console.log(
      reason === null ? `${calls} calls wait to be counted singly` : `${calls} calls are not counted: ${reason}`,
    );
  return rows.length === 0;
};

const verify = async (client: pg.Client, windows: readonly TimeWindow[]): Promise<number> => {
  const isAllCounted = await verifyAllCounted(client, windows);
  const differences: Difference[] = [];
  for (const window of windows) {
    const { rows } = await client.query<Difference>('select * from rollup.differences($1, $2)', window);
    differences.push(...rows);
  }
  differences.push(...(await client.query<Difference>('select * from rollup.total_differences()')).rows);
  for (const { rolled_up_in, cell, facts, rolled_up } of differences.slice(0, MAX_DIFFERENCES_SHOWN))
    console.log(`${rolled_up_in} ${cell}: ${facts} by what it counts, ${rolled_up} in the roll-up`);
  console.log(differences.length === 0 ? 'the roll-ups agree with the calls' : `${differences.length} cells differ`);
  return differences.length === 0 && isAllCounted ? EXIT.ok : EXIT.wrong;
};

const rebuild = async (client: pg.Client, windows: readonly TimeWindow[]): Promise<number> => {
  let calls = 0;
  for (const window of windows) {
    const { rows } = await client.query<{ calls: string }>('select rollup.rebuild($1, $2) as calls', window);
    calls += Number(rows[0]?.calls ?? 0);
  }
  await client.query('select rollup.rebuild_totals()');
  console.log(`rebuilt the roll-ups from ${calls} calls`);
  await verifyAllCounted(client, windows);
  return EXIT.ok;
};

const COMMANDS = { verify, rebuild };
const isCommand = (name: string | undefined): name is keyof typeof COMMANDS => name === 'verify' || name === 'rebuild';

runProgram(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      data: { type: 'string' },
      days: { type: 'string', default: '7' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return EXIT.ok;
  }
  const [command] = positionals;
  if (!isCommand(command)) throw new Error(`Expected verify or rebuild.\n\n${USAGE}`);
  const days = Number(values.days);
  if (!Number.isInteger(days) || days < 1)
    throw new Error(`--days expects a whole number of days; got ${values.days}.`);
  const client = new pg.Client({ connectionString: values.url ?? findLocalStore('toolwatch_operator', values.data) });
  await client.connect();
  try {
    return await COMMANDS[command](client, hourlyWindows(days));
  } finally {
    await client.end();
  }
});
