import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Page } from '../scenarios/recipients.ts';
import { checkLimits, printTable } from './table.ts';

const USAGE = `npm run bench -- ordinary [options]
Simulates ordinary days of tools that stay within their limits, and counts the messages that people would have had: none.
Tools are called from once a day to five times a minute, half of them in office hours of three places; each fails by a
share of up to half of what it may, and takes up to half as long.

  --tools N   how many tools, at most 500; 100 by default
  --days N    how many days; 100 by default, which takes about a quarter of an hour on two processors
  --help      print this text`;

/** Days that one process simulates: each process first synthesizes the stacks, and lets a day pass. */
const DAYS_A_PROCESS = 10;
const MAX_OUTPUT_BYTES = 64 * 1_024 * 1_024;

const execute = promisify(execFile);

const simulate = async (tools: number, firstDay: number, days: number): Promise<Page[]> => {
  const file = join(import.meta.dirname, 'ordinary/simulate-days.ts');
  const args = ['--import', 'tsx', file, `${tools}`, `${firstDay}`, `${days}`];
  const { stdout } = await execute(process.execPath, args, { maxBuffer: MAX_OUTPUT_BYTES });
  return JSON.parse(stdout);
};

const parseCount = (name: string, text: string, most: number): number => {
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= most) return Number(text);
  throw new Error(`--${name} expects a number from 1 to ${most}; got ${text}.`);
};

/** Runs the parts, as many at a time as there are processors, and says how far it is. */
const simulateAll = async (tools: number, days: number): Promise<Page[]> => {
  const pages: Page[] = [];
  const beginnings = Array.from({ length: Math.ceil(days / DAYS_A_PROCESS) }, (_, part) => part * DAYS_A_PROCESS);
  let done = 0;
  const work = async (): Promise<void> => {
    for (let first = beginnings.shift(); first !== undefined; first = beginnings.shift()) {
      const count = Math.min(DAYS_A_PROCESS, days - first);
      pages.push(...(await simulate(tools, first, count)));
      done += count;
      console.error(`simulated ${done} of ${days} days: ${pages.length} messages`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return pages;
};

/** Counts messages over ordinary days, by alarm. */
export const run = async (options: string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: options,
    options: {
      tools: { type: 'string', default: '100' },
      days: { type: 'string', default: '100' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  const [tools, days] = [parseCount('tools', values.tools, 500), parseCount('days', values.days, 999)];
  const pages = await simulateAll(tools, days);
  const fired = pages.filter(({ state }) => state === 'ALARM');
  const times = new Map<string, number>();
  for (const { alarm, severity } of fired) {
    const message = `${severity} ${alarm}`;
    times.set(message, (times.get(message) ?? 0) + 1);
  }
  if (times.size > 0) printTable([...times].map(([message, count]) => ({ message, times: count })));
  return checkLimits([
    { what: `messages in ${days} ordinary days of ${tools} tools`, measured: fired.length, atMost: 0 },
  ]);
};
