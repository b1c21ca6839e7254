import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startCountingShop } from './jobs/counting-shop.ts';
import { type Sender, sendHooks } from './jobs/send-hooks.ts';
import { startJobs } from './jobs/start-jobs.ts';
import { createRandom } from './statistics/random.ts';
import { checkLimits, printTable } from './table.ts';

const USAGE = `npm run bench -- jobs [--events 20000] [--accepted 5000] [--seed 1]
Sends signed hooks to the local run. First only to measure how many are accepted a second, beside requests that the same
function refuses; then while worker, collect, jobs and the database are killed at random, until every job has ended. Each
orders something once by its idempotency key, at a shop that fails one time in twenty after the order is placed.`;

const root = join(import.meta.dirname, '..');
const FIRST = 200;
const AT_ONCE = 32;
const CONCURRENCY = 20;
const SHARE_OF_ERRORS = 0.05;
const KILLED = ['toolwatch-worker', 'toolwatch-collect', 'toolwatch-jobs'];
const END_SECONDS = 1_200;

interface Load {
  readonly events: number;
  /** How many were accepted before. */
  readonly before: number;
}

type Jobs = Awaited<ReturnType<typeof startJobs>>;

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((one, other) => one - other)[Math.ceil(share * values.length) - 1] ?? Number.NaN;

/** How many requests a second the same way takes that need no signature and no queue: sources that do not exist. */
const measureRefusals = async (url: string, requests: number): Promise<number> => {
  let left = requests;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) await fetch(url, { method: 'POST', body: '{}' }).then((response) => response.text());
    }),
  );
  return (1_000 * requests) / (performance.now() - from);
};

/** Sends events while something is killed every second or two; resolves when every job has ended. */
const workUnderKills = async (jobs: Jobs, sender: Sender, { events, before }: Load, random: () => number) => {
  const kills = { functions: 0, database: 0 };
  let isKilling = true;
  const kill = async () => {
    while (isKilling) {
      await pause(1_000 + random() * 2_000);
      if (random() < 0.2) {
        await jobs.crashDatabase();
        kills.database += 1;
      } else kills.functions += jobs.killFunction(KILLED[Math.floor(random() * KILLED.length)] ?? '');
    }
  };
  const killing = kill();
  const from = performance.now();
  const sent = await sendHooks(sender, { events, atOnce: AT_ONCE, label: 'killed' });
  isKilling = false;
  await killing;
  const seconds = () => (performance.now() - from) / 1_000;
  for (;;) {
    const counts = await jobs.countJobs().catch(() => undefined);
    const ended = (counts?.processed ?? 0) + (counts?.error ?? 0) + (counts?.quarantined ?? 0);
    const all = Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);
    if (ended === all && all >= before + events) return { sent, kills, seconds: seconds() };
    if (seconds() > END_SECONDS) throw new Error(`After ${END_SECONDS} seconds there are ${JSON.stringify(counts)}.`);
    await jobs.hasten().catch(() => {});
    await pause(1_000);
  }
};

export const run = async (options: string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: options,
    options: {
      events: { type: 'string', default: '20000' },
      accepted: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  const random = createRandom(Number(values.seed));
  const shop = await startCountingShop(random, SHARE_OF_ERRORS);
  const jobs = await startJobs(root, { shopUrl: shop.url, concurrency: CONCURRENCY }).catch(async (error: unknown) => {
    await shop.stop();
    throw error;
  });
  try {
    // The first ones start the functions.
    await sendHooks(jobs.sender, { events: FIRST, atOnce: AT_ONCE, label: 'first' });
    const refused = await measureRefusals(jobs.healthUrl, Number(values.accepted));
    const accepted = await sendHooks(jobs.sender, {
      events: Number(values.accepted),
      atOnce: AT_ONCE,
      label: 'accept',
    });
    const events = Number(values.events);
    const { sent, kills, seconds } = await workUnderKills(
      jobs,
      jobs.sender,
      { events, before: FIRST + Number(values.accepted) },
      random,
    );
    const known = await jobs.readJobs();
    const keys = new Set(known.map(({ delivery_key }) => delivery_key));
    const lost = [...accepted.deliveries, ...sent.deliveries].filter((key) => !keys.has(key));
    const ids = new Set(known.map(({ job_id }) => job_id));
    const notOrdered = known.filter(({ status, job_id }) => status === 'processed' && !shop.requests.has(job_id));
    const ordersOfNone = [...shop.requests.keys()].filter((key) => !ids.has(key));
    printTable([
      {
        'hooks accepted a second': accepted.durations.length / accepted.seconds,
        'p95, ms': percentile(accepted.durations, 0.95),
        'requests refused a second': refused,
      },
    ]);
    printTable([
      {
        events,
        'sent again': sent.repeated,
        'functions killed': kills.functions,
        'database crashed': kills.database,
        'until all had ended, s': seconds,
        'attempts, most': Math.max(...known.map(({ attempts }) => attempts)),
      },
    ]);
    const perSecond = accepted.durations.length / accepted.seconds;
    return checkLimits([
      { what: 'accepted, as a share of what the same way refuses', measured: perSecond / refused, atLeast: 0.2 },
      { what: 'events that were accepted and have no job', measured: lost.length, atMost: 0 },
      { what: 'jobs of one event more than once', measured: known.length - keys.size, atMost: 0 },
      { what: 'jobs that were processed without an order', measured: notOrdered.length, atMost: 0 },
      { what: 'orders of no job', measured: ordersOfNone.length, atMost: 0 },
      { what: 'jobs in error', measured: known.filter(({ status }) => status === 'error').length, atMost: 0 },
      { what: 'kills of functions', measured: kills.functions, atLeast: 1 },
      { what: 'crashes of the database', measured: kills.database, atLeast: 1 },
    ]);
  } finally {
    await jobs.stop();
    await shop.stop();
  }
};
