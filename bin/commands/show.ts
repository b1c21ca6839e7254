import { setTimeout as wait } from 'node:timers/promises';
import type { ArgsDef } from 'citty';
import { EXIT, messageOf } from '../run-program.ts';
import type { Printed } from './action.ts';

/** The options of commands that show what is so now. */
export const SHOW_OPTIONS = {
  json: { type: 'boolean', description: 'Print JSON; with --watch one document a line' },
  watch: { type: 'boolean', description: 'Show it again and again, until Ctrl-C' },
  every: {
    type: 'string',
    default: '10',
    description: 'With --watch: after how many seconds, at least 2',
    valueHint: 'SECONDS',
  },
} as const satisfies ArgsDef;

interface ShowArguments {
  readonly json?: boolean | undefined;
  readonly watch?: boolean | undefined;
  readonly every: string;
}

/** What a command shows; `exitCode` is 0 by default. */
export interface Shown extends Printed {
  readonly exitCode?: (typeof EXIT)[keyof typeof EXIT];
}

/** Moves to the upper left and removes what is below, so that the next text takes the place of the one before. */
const CLEAR = '\u001b[H\u001b[J';
const MIN_SECONDS = 2;
const MAX_SECONDS = 3_600;

const parseSeconds = (text: string): number => {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= MIN_SECONDS && seconds <= MAX_SECONDS) return seconds;
  throw new Error(`--every expects a number of seconds, ${MIN_SECONDS} to ${MAX_SECONDS}; got ${text}.`);
};

const print = ({ data, text }: Printed, { json, watch }: ShowArguments): void => {
  if (json) console.log(watch ? JSON.stringify(data) : JSON.stringify(data, null, 2));
  else console.log(text);
};

const now = (): string => new Date().toISOString().slice(0, 19).replace('T', ' ');

/** Shows it until the process ends. A read that fails is said on standard error, and the next one is tried. */
const showForever = async (args: ShowArguments, read: () => Promise<Shown>, seconds: number): Promise<never> => {
  for (;;) {
    try {
      const shown = await read();
      const isScreen = process.stdout.isTTY === true && !args.json;
      print(isScreen ? { ...shown, text: `${CLEAR}${now()} UTC, every ${seconds} s\n\n${shown.text}` } : shown, args);
    } catch (error) {
      console.error(`${now()} UTC: ${messageOf(error)}`);
    }
    await wait(seconds * 1_000);
  }
};

/** Shows what is read, once or again and again. Throws what reading throws, and a sentence when `--every` is wrong. */
export const show = async (args: ShowArguments, read: () => Promise<Shown>): Promise<void> => {
  const seconds = parseSeconds(args.every);
  if (args.watch) return showForever(args, read, seconds);
  const shown = await read();
  print(shown, args);
  process.exitCode = shown.exitCode ?? EXIT.ok;
};
