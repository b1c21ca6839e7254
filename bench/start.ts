import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { measureAuthor } from './start/author.ts';
import { findFreePort, startProject } from './start/npm-start.ts';
import { checkLimits, printTable } from './table.ts';

const MAX_FIRST_SECONDS = 20;
const MAX_SECOND_SECONDS = 8;
/** All on one folder. */
const STARTS = ['first', 'second', 'third'];
const root = join(import.meta.dirname, '..');

interface Start {
  readonly start: string;
  readonly 'ready, s': number;
  readonly 'first reply, s': number;
}

/** Starts several times on one folder, calls one tool each time, and prints where the time went. */
const measureStarts = async (data: string): Promise<Start[]> => {
  const port = await findFreePort();
  const rows: Start[] = [];
  for (const start of STARTS) {
    const startedAt = performance.now();
    const seconds = () => (performance.now() - startedAt) / 1_000;
    const run = await startProject({ project: root, data, port });
    try {
      const ready = seconds();
      await run.call('order_status', { order_id: 'A-1042' });
      rows.push({ start, 'ready, s': ready, 'first reply, s': seconds() });
      console.log(`${start} start:\n${run.progress().split('\n\n')[0]}\n`);
    } finally {
      await run.stop();
    }
  }
  return rows;
};

/**
 * Measures how long `npm start` takes until a tool has replied, the first time and again, and what the author of a tool
 * waits for.
 */
export const run = async (): Promise<boolean> => {
  // Inside the project, because bundles find the AWS SDK in the project's packages.
  const folder = join(root, `.toolwatch-bench-${randomUUID()}`);
  mkdirSync(folder);
  try {
    const starts = await measureStarts(join(folder, 'data'));
    printTable(starts.map((row) => ({ ...row })));
    console.log('');
    printTable((await measureAuthor(root, folder)).map((row) => ({ ...row })));
    const [first, ...later] = starts;
    return checkLimits([
      {
        what: 'first npm start to the first reply, seconds',
        measured: first?.['first reply, s'] ?? Number.NaN,
        atMost: MAX_FIRST_SECONDS,
      },
      {
        what: 'later starts until ready, seconds',
        measured: Math.max(...later.map((row) => row['ready, s'])),
        atMost: MAX_SECOND_SECONDS,
      },
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
