import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { invocation } from '../lambdas/contract/invocation.ts';
import { bundles, type Figures, measure, median } from './overhead/measure.ts';
import { checkLimits, type Limit, printTable } from './table.ts';

const PEERS = ['console-log', 'powertools', 'equal-features', 'equal-two-lines', 'toolwatch'] as const;
type Peer = (typeof PEERS)[number];
/** How many lines are counted for their size. */
const LINES = 200;
const IMPORTS = ['nothing', 'powertools', 'wrapper'] as const;

const usage = `npm run bench -- overhead [--rounds 7] [--calls 5000] [--fresh 15] [--node PATH …]

What one call costs inside the wrapper, beside what people use instead, in interleaved rounds of fresh processes, with
stdout at /dev/null and at a pipe. Runs on this Node and on every other named by --node.`;

type Measured = Record<
  Peer,
  {
    null: number;
    pipe: number;
    p99: number;
    cpu: number;
    bytes: number;
    first: number;
    firstCpu: number;
    fresh: number;
  }
>;

/** Every peer must have told the same: the fields of the wrapper's line, readable as a record. */
const sameLine = (written: Record<Peer, string>): boolean => {
  const keysOf = (peer: Peer) => {
    const line: unknown = JSON.parse(written[peer].split('\n')[1] ?? '');
    invocation.parse(line);
    return Object.keys(line as object)
      .sort()
      .join();
  };
  const different = PEERS.filter((peer) => peer !== 'equal-two-lines' && keysOf(peer) !== keysOf('toolwatch'));
  for (const peer of different) console.log(`${peer} writes another line: ${keysOf(peer)}`);
  return different.length === 0;
};

const each = async <Key extends string, Value>(keys: readonly Key[], of: (key: Key) => Promise<Value>) => {
  const values = {} as Record<Key, Value>;
  for (const key of keys) values[key] = await of(key);
  return values;
};

const empty = <Key extends string>(keys: readonly Key[]) =>
  Object.fromEntries(keys.map((key) => [key, []])) as unknown as Record<Key, Figures[]>;

const middle = (runs: Figures[], of: (figures: Figures) => number | undefined): number =>
  median(runs.map((figures) => of(figures) ?? Number.NaN));

/** Processes that have warmed up, in interleaved rounds. */
const warmRounds = async (run: (peer: Peer, to: 'null' | 'pipe') => Promise<Figures>, rounds: number) => {
  const silent = empty(PEERS);
  const piped = empty(PEERS);
  for (let round = 0; round < rounds; round += 1) {
    for (const peer of PEERS) {
      silent[peer].push(await run(peer, 'null'));
      piped[peer].push(await run(peer, 'pipe'));
    }
  }
  return { silent, piped };
};

/** Processes that have just begun, in interleaved rounds. */
const freshRounds = async (run: (bundle: string) => Promise<Figures>, rounds: number) => {
  const peers = empty(PEERS);
  const imports = empty(IMPORTS);
  for (let round = 0; round < rounds; round += 1) {
    for (const peer of PEERS) peers[peer].push(await run(`peers/${peer}`));
    for (const name of IMPORTS) imports[name].push(await run(`imports/${name}`));
  }
  return { peers, imports };
};

const onNode = async (node: string, rounds: number, calls: number, fresh: number): Promise<boolean> => {
  const built = bundles();
  const child = built.path('child');
  try {
    const { silent, piped } = await warmRounds(async (peer, to) => {
      const bundle = built.path(`peers/${peer}`);
      return (await measure({ node, child, bundle, to, warmUp: calls, calls })).figures;
    }, rounds);
    const { peers, imports } = await freshRounds(
      async (name) => (await measure({ node, child, bundle: built.path(name), to: 'pipe' })).figures,
      fresh,
    );
    const lines = await each(PEERS, (peer) =>
      measure({ node, child, bundle: built.path(`peers/${peer}`), to: 'pipe', warmUp: LINES - 1 }),
    );
    const measured = await each(PEERS, async (peer) => ({
      null: middle(silent[peer], (figures) => figures.medianUs),
      pipe: middle(piped[peer], (figures) => figures.medianUs),
      p99: middle(silent[peer], (figures) => figures.p99Us),
      cpu: middle(silent[peer], (figures) => figures.cpuUs),
      bytes: lines[peer].bytes / LINES,
      first: middle(peers[peer], (figures) => figures.firstMs),
      firstCpu: middle(peers[peer], (figures) => figures.firstCpuMs),
      fresh: middle(peers[peer], (figures) => figures.importMs + (figures.firstMs ?? 0)),
    }));
    const held = report(measured, await each(IMPORTS, async (name) => middle(imports[name], (one) => one.importCpuMs)));
    return sameLine(await each(PEERS, async (peer) => lines[peer].written)) && held;
  } finally {
    built.remove();
  }
};

const report = (measured: Measured, loading: Record<(typeof IMPORTS)[number], number>): boolean => {
  const { toolwatch, powertools } = measured;
  const equal = measured['equal-features'];
  const floor = measured['console-log'];
  printTable(
    PEERS.map((peer) => ({
      peer,
      'µs to /dev/null': measured[peer].null,
      'of the equal stack': measured[peer].null / equal.null,
      'of console.log': measured[peer].null / floor.null,
      'µs to a pipe': measured[peer].pipe,
      'p99 µs': measured[peer].p99,
      'CPU µs': measured[peer].cpu,
      bytes: measured[peer].bytes,
      'first call ms': measured[peer].first,
      'its CPU ms': measured[peer].firstCpu,
      'with loading ms': measured[peer].fresh,
    })),
  );
  console.log('');
  printTable(
    IMPORTS.map((name) => ({
      import: name,
      'CPU ms': loading[name],
      'above nothing ms': loading[name] - loading.nothing,
    })),
  );
  const ratio = (what: string, measuredRatio: number, atMost: number): Limit => ({
    what,
    measured: measuredRatio,
    atMost,
  });
  return checkLimits([
    ratio('median to /dev/null, of the equal-feature stack', toolwatch.null / equal.null, 0.5),
    ratio('median to a pipe, of the equal-feature stack', toolwatch.pipe / equal.pipe, 0.5),
    ratio('median to /dev/null, of Powertools by hand', toolwatch.null / powertools.null, 1),
    ratio('median to a pipe, of Powertools by hand', toolwatch.pipe / powertools.pipe, 1),
    ratio('CPU of all threads, of the equal-feature stack', toolwatch.cpu / equal.cpu, 0.6),
    ratio('bytes, of the equal-feature stack as documented', toolwatch.bytes / measured['equal-two-lines'].bytes, 0.9),
    ratio('CPU of a fresh process’s first call, of the equal-feature stack', toolwatch.firstCpu / equal.firstCpu, 0.6),
    ratio(
      'CPU of the bundled import above an empty one, of Powertools Logger and Metrics',
      (loading.wrapper - loading.nothing) / (loading.powertools - loading.nothing),
      1.2,
    ),
  ]);
};

/** What the wrapper costs a call, beside its peers. */
export const run = async (options: string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: options,
    options: {
      help: { type: 'boolean' },
      rounds: { type: 'string', default: '7' },
      calls: { type: 'string', default: '5000' },
      fresh: { type: 'string', default: '15' },
      node: { type: 'string', multiple: true, default: [] },
    },
  });
  if (values.help) {
    console.log(usage);
    return true;
  }
  let held = true;
  for (const node of [process.execPath, ...values.node.map((path) => resolve(path))].filter(existsSync)) {
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    console.log(`\nNode ${version}`);
    const good = await onNode(node, Number(values.rounds), Number(values.calls), Number(values.fresh));
    held &&= good;
  }
  return held;
};
