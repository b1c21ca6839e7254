import { checkLimits, type Limit, printTable } from '../table.ts';

export const PEERS = ['console-log', 'powertools', 'equal-features', 'equal-two-lines', 'toolwatch'] as const;
export type Peer = (typeof PEERS)[number];
export const IMPORTS = ['nothing', 'powertools', 'wrapper'] as const;
export type ImportName = (typeof IMPORTS)[number];

/** Medians over all rounds of a peer. */
export interface PeerFigures {
  /** Of a call with stdout at /dev/null, and at a pipe. */
  nullUs: number;
  pipeUs: number;
  p99Us: number;
  /** Processor time of all threads. */
  cpuUs: number;
  /** Written per call. */
  bytes: number;
  /** The first call of a new process, without loading and with it. */
  firstMs: number;
  firstCpuMs: number;
  freshMs: number;
}

/** Prints the tables and whether each limit held. True when all did. */
export const reportResults = (figures: Record<Peer, PeerFigures>, importCpuMs: Record<ImportName, number>): boolean => {
  const { toolwatch, powertools } = figures;
  const equalFeatures = figures['equal-features'];
  const equalTwoLines = figures['equal-two-lines'];
  const consoleLog = figures['console-log'];
  printTable(
    PEERS.map((peer) => ({
      peer,
      'µs to /dev/null': figures[peer].nullUs,
      'of the equal stack': figures[peer].nullUs / equalFeatures.nullUs,
      'of console.log': figures[peer].nullUs / consoleLog.nullUs,
      'µs to a pipe': figures[peer].pipeUs,
      'p99 µs': figures[peer].p99Us,
      'CPU µs': figures[peer].cpuUs,
      bytes: figures[peer].bytes,
      'first call ms': figures[peer].firstMs,
      'its CPU ms': figures[peer].firstCpuMs,
      'with loading ms': figures[peer].freshMs,
    })),
  );
  console.log('');
  printTable(
    IMPORTS.map((name) => ({
      import: name,
      'CPU ms': importCpuMs[name],
      'above nothing ms': importCpuMs[name] - importCpuMs.nothing,
    })),
  );
  const limit = (what: string, measured: number, atMost: number): Limit => ({ what, measured, atMost });
  return checkLimits([
    limit('median to /dev/null, of the equal-feature stack', toolwatch.nullUs / equalFeatures.nullUs, 0.5),
    limit('median to a pipe, of the equal-feature stack', toolwatch.pipeUs / equalFeatures.pipeUs, 0.5),
    limit('median to /dev/null, of plain Powertools', toolwatch.nullUs / powertools.nullUs, 1),
    limit('median to a pipe, of plain Powertools', toolwatch.pipeUs / powertools.pipeUs, 1),
    limit('CPU of all threads, of the equal-feature stack', toolwatch.cpuUs / equalFeatures.cpuUs, 0.6),
    limit('bytes, of the equal-feature stack as documented', toolwatch.bytes / equalTwoLines.bytes, 0.9),
    limit(
      'CPU of a new process’s first call, of the equal-feature stack',
      toolwatch.firstCpuMs / equalFeatures.firstCpuMs,
      0.6,
    ),
    limit(
      'CPU of the bundled import above an empty one, of Powertools Logger and Metrics',
      (importCpuMs.wrapper - importCpuMs.nothing) / (importCpuMs.powertools - importCpuMs.nothing),
      1.2,
    ),
  ]);
};
