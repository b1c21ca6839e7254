import { writeSync } from 'node:fs';

const STDOUT = 1;
/** How long one line may hold its call up when nobody reads stdout, in milliseconds. */
const PATIENCE_MS = 20;
/** How often a full pipe is tried again afterwards, in milliseconds. */
const RETRY_MS = 5;
/** What is kept for a reader who may come back, in bytes; beyond it lines are dropped and counted. */
const KEPT_BYTES = 1_048_576;

let waiting: Buffer[] = [];
let waitingBytes = 0;
let timer: NodeJS.Timeout | undefined;
let dropped = 0;

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/** As much of `bytes` as is left unwritten. Throws when stdout is broken. */
const tryWrite = (bytes: Buffer): Buffer => {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(STDOUT, rest));
    } catch (error) {
      // A pipe that process.stdout has touched does not block: when it is full, it says EAGAIN.
      if (codeOf(error) === 'EAGAIN') return rest;
      throw error;
    }
  }
  return rest;
};

const keep = (bytes: Buffer): void => {
  if (waitingBytes + bytes.length > KEPT_BYTES) {
    dropped += 1;
    return;
  }
  waiting.push(bytes);
  waitingBytes += bytes.length;
  timer ??= setInterval(drain, RETRY_MS);
};

/** Writes what waits, in order. */
const drain = (): void => {
  try {
    while (waiting[0]) {
      const rest = tryWrite(waiting[0]);
      waitingBytes -= waiting[0].length - rest.length;
      if (rest.length > 0) {
        waiting[0] = rest;
        return;
      }
      waiting.shift();
    }
  } catch {
    dropped += waiting.length;
    waiting = [];
    waitingBytes = 0;
  }
  clearInterval(timer);
  timer = undefined;
};

let clock: Int32Array | undefined;

/** Tries to finish what waits while the call still can wait; the pipe's reader is another process, so sleeping helps. */
const waitForReader = (): void => {
  clock ??= new Int32Array(new SharedArrayBuffer(4));
  const until = performance.now() + PATIENCE_MS;
  while (waiting.length > 0 && performance.now() < until) {
    Atomics.wait(clock, 0, 0, 1);
    drain();
  }
};

/**
 * Writes one line to stdout before it returns: one system call, without `process.stdout`, whose first touch costs
 * milliseconds. Never throws. When nobody reads, lines wait in order; when too many wait or stdout is gone, they are
 * dropped and counted.
 */
export const writeLine = (line: string): void => {
  const text = `${line}\n`;
  if (waiting.length > 0) {
    drain();
    if (waiting.length > 0) {
      keep(Buffer.from(text));
      return;
    }
  }
  try {
    const written = writeSync(STDOUT, text);
    if (written >= text.length && written === Buffer.byteLength(text)) return;
    keep(Buffer.from(text).subarray(written));
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') keep(Buffer.from(text));
    else dropped += 1;
  }
  waitForReader();
};

/** Counts lines or fields that were lost before they could be written. */
export const countDropped = (): void => {
  dropped += 1;
};

/** How many have been lost since last asked. */
export const takeDropped = (): number => {
  const taken = dropped;
  dropped = 0;
  return taken;
};
