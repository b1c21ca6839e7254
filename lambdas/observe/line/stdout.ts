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

/** False when there is no room left. */
const keep = (bytes: Buffer): boolean => {
  if (waitingBytes + bytes.length > KEPT_BYTES) {
    dropped += 1;
    return false;
  }
  waiting.push(bytes);
  waitingBytes += bytes.length;
  timer ??= setInterval(drain, RETRY_MS);
  return true;
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

/** Queues what could not be written, and waits for the reader for a moment. */
const keepAndWait = (bytes: Buffer): boolean => {
  const kept = keep(bytes);
  waitForReader();
  return kept;
};

/**
 * Writes one line to stdout before it returns: one system call, without `process.stdout`, whose first touch costs
 * milliseconds. Never throws. When nobody reads, lines wait in order; when too many wait or stdout is gone, they are
 * dropped and counted. True when the line is out or waits.
 */
export const writeLine = (line: string): boolean => {
  const text = `${line}\n`;
  if (waiting.length > 0) {
    drain();
    if (waiting.length > 0) return keep(Buffer.from(text));
  }
  try {
    const written = writeSync(STDOUT, text);
    if (written >= text.length && written === Buffer.byteLength(text)) return true;
    return keepAndWait(Buffer.from(text).subarray(written));
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return keepAndWait(Buffer.from(text));
    dropped += 1;
    return false;
  }
};

/** Counts a line or a field that was lost before it could be written. */
export const countDropped = (): void => {
  dropped += 1;
};

/** How many lines and fields have been lost and not been told of. */
export const readDropped = (): number => dropped;

/** `told` of them stand in a line now. */
export const subtractDropped = (told: number): void => {
  dropped -= told;
};
