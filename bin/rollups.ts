import { parseArgs } from 'node:util';
import pg from 'pg';

const USAGE = `npm run rollups -- verify|rebuild [--url postgres://…] [--days 7]
verify   compares every summary with the calls it is made of, over the last days; exit status 1 when they differ.
rebuild  counts them anew from the calls. Calls that come meanwhile wait, and are counted after.
Without --url: the store that npm start runs.`;
const LOCAL = 'postgres://toolwatch_operator@127.0.0.1:54320/toolwatch';
const HOUR_MS = 3_600_000;
const HOURS_A_DAY = 24;
const DIFFERENCES_SHOWN = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: LOCAL },
    days: { type: 'string', default: '7' },
    help: { type: 'boolean' },
  },
});
const command = positionals[0];

/** Hour by hour, so that neither memory nor a lock grows with the stretch. */
const hours = (): [from: Date, to: Date][] => {
  const last = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const count = Number(values.days) * HOURS_A_DAY;
  return Array.from({ length: count + 1 }, (_, at) => {
    const from = last - (count - at) * HOUR_MS;
    return [new Date(from), new Date(from + HOUR_MS)];
  });
};

interface Difference {
  rolled_up_in: string;
  cell: string;
  facts: string | null;
  rolled_up: string | null;
}

const verify = async (client: pg.Client): Promise<void> => {
  const differences: Difference[] = [];
  for (const stretch of hours()) {
    const { rows } = await client.query<Difference>('select * from rollup.differences($1, $2)', stretch);
    differences.push(...rows);
  }
  for (const { rolled_up_in, cell, facts, rolled_up } of differences.slice(0, DIFFERENCES_SHOWN))
    console.log(`${rolled_up_in} ${cell}: calls say ${facts}, the summary ${rolled_up}`);
  console.log(differences.length === 0 ? 'summaries and calls agree' : `${differences.length} cells differ`);
  process.exitCode = differences.length === 0 ? 0 : 1;
};

const rebuild = async (client: pg.Client): Promise<void> => {
  let counted = 0;
  for (const stretch of hours()) {
    const { rows } = await client.query<{ calls: string }>('select rollup.rebuild($1, $2) as calls', stretch);
    counted += Number(rows[0]?.calls ?? 0);
  }
  console.log(`counted ${counted} calls anew`);
};

if (values.help || (command !== 'verify' && command !== 'rebuild')) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const client = new pg.Client({ connectionString: values.url });
  await client.connect();
  try {
    await (command === 'verify' ? verify : rebuild)(client);
  } finally {
    await client.end();
  }
}
