import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { invocation } from '../lambdas/contract/invocation.ts';
import { buildBundles, type Figures, measureProcess } from './overhead/measured-process.ts';
import { IMPORTS, type ImportName, PEERS, type Peer, type PeerFigures, reportResults } from './overhead/report.ts';
import { median } from './statistics/median.ts';

/** How many lines are written to measure their size. */
const LINES = 200;

const USAGE = `npm run bench -- overhead [--rounds 7] [--calls 5000] [--fresh 15] [--node PATH …]

What a call costs inside the wrapper, and inside what others use for the same purpose: interleaved rounds of new
processes, with stdout at /dev/null and at a pipe. Runs on this Node and on every other that --node names.`;

/** True when every peer's line is a valid record with the fields that the wrapper writes. Prints those that differ. */
const writeSameFields = (output: Record<Peer, string>): boolean => {
  const fieldsOf = (peer: Peer) => {
    const line: unknown = JSON.parse(output[peer].split('\n')[1] ?? '');
    invocation.parse(line);
    return Object.keys(line as object)
      .sort()
      .join();
  };
  const different = PEERS.filter((peer) => peer !== 'equal-two-lines' && fieldsOf(peer) !== fieldsOf('toolwatch'));
  for (const peer of different) console.log(`${peer} writes other fields: ${fieldsOf(peer)}`);
  return different.length === 0;
};

const mapKeys = async <Key extends string, Value>(
  keys: readonly Key[],
  toValue: (key: Key) => Value | Promise<Value>,
): Promise<Record<Key, Value>> => {
  const values = {} as Record<Key, Value>;
  for (const key of keys) values[key] = await toValue(key);
  return values;
};

const emptyRuns = <Key extends string>(keys: readonly Key[]) =>
  Object.fromEntries(keys.map((key) => [key, []])) as unknown as Record<Key, Figures[]>;

const medianOf = (runs: Figures[], select: (figures: Figures) => number | undefined): number =>
  median(runs.map((figures) => select(figures) ?? Number.NaN));

/** Processes that are warmed up, in interleaved rounds. */
const runWarm = async (run: (peer: Peer, to: 'null' | 'pipe') => Promise<Figures>, rounds: number) => {
  const silent = emptyRuns(PEERS);
  const piped = emptyRuns(PEERS);
  for (let round = 0; round < rounds; round += 1) {
    for (const peer of PEERS) {
      silent[peer].push(await run(peer, 'null'));
      piped[peer].push(await run(peer, 'pipe'));
    }
  }
  return { silent, piped };
};

/** New processes, in interleaved rounds. */
const runFresh = async (run: (bundle: string) => Promise<Figures>, rounds: number) => {
  const peers = emptyRuns(PEERS);
  const imports = emptyRuns(IMPORTS);
  for (let round = 0; round < rounds; round += 1) {
    for (const peer of PEERS) peers[peer].push(await run(`peers/${peer}`));
    for (const name of IMPORTS) imports[name].push(await run(`imports/${name}`));
  }
  return { peers, imports };
};

const measureOnNode = async (node: string, rounds: number, calls: number, fresh: number): Promise<boolean> => {
  const bundles = buildBundles();
  const child = bundles.path('child');
  try {
    const { silent, piped } = await runWarm(async (peer, to) => {
      const bundle = bundles.path(`peers/${peer}`);
      return (await measureProcess({ node, child, bundle, to, warmUp: calls, calls })).figures;
    }, rounds);
    const { peers, imports } = await runFresh(
      async (name) => (await measureProcess({ node, child, bundle: bundles.path(name), to: 'pipe' })).figures,
      fresh,
    );
    const lines = await mapKeys(PEERS, (peer) =>
      measureProcess({ node, child, bundle: bundles.path(`peers/${peer}`), to: 'pipe', warmUp: LINES - 1 }),
    );
    const peerFigures = await mapKeys(
      PEERS,
      (peer): PeerFigures => ({
        nullUs: medianOf(silent[peer], (figures) => figures.medianUs),
        pipeUs: medianOf(piped[peer], (figures) => figures.medianUs),
        p99Us: medianOf(silent[peer], (figures) => figures.p99Us),
        cpuUs: medianOf(silent[peer], (figures) => figures.cpuUs),
        bytes: lines[peer].bytes / LINES,
        firstMs: medianOf(peers[peer], (figures) => figures.firstMs),
        firstCpuMs: medianOf(peers[peer], (figures) => figures.firstCpuMs),
        freshMs: medianOf(peers[peer], (figures) => figures.importMs + (figures.firstMs ?? 0)),
      }),
    );
    const importCpuMs = await mapKeys(IMPORTS, (name: ImportName) =>
      medianOf(imports[name], (figures) => figures.importCpuMs),
    );
    const limitsHeld = reportResults(peerFigures, importCpuMs);
    return writeSameFields(await mapKeys(PEERS, (peer) => lines[peer].output)) && limitsHeld;
  } finally {
    bundles.remove();
  }
};

/** Measures what the wrapper costs a call, beside its peers. */
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
    console.log(USAGE);
    return true;
  }
  let allHeld = true;
  for (const node of [process.execPath, ...values.node.map((path) => resolve(path))].filter(existsSync)) {
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    console.log(`\nNode ${version}`);
    const held = await measureOnNode(node, Number(values.rounds), Number(values.calls), Number(values.fresh));
    allHeld &&= held;
  }
  return allHeld;
};
