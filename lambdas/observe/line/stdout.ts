import { loadFileSystem } from './node-modules.ts';

const fs = loadFileSystem();
const STDOUT = 1;
/** How long a call waits for its line to be written while nothing reads stdout, in milliseconds. */
const MAX_WAIT_MS = 20;
/** How often a full pipe is retried afterwards, in milliseconds. */
const RETRY_INTERVAL_MS = 5;
/** How much is queued for a reader that may come back, in bytes; further lines are dropped and counted. */
const MAX_QUEUED_BYTES = 1_048_576;

let queue: Buffer[] = [];
let queuedBytes = 0;
let timer: NodeJS.Timeout | undefined;
let dropped = 0;

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}

/** Writes as much as the pipe accepts and returns the rest. Throws when stdout is broken. */
function tryWrite(bytes: Buffer): Buffer {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(fs.writeSync(STDOUT, rest));
    } catch (error) {
      // Once process.stdout has been used, the pipe is non-blocking and answers EAGAIN when it is full.
      if (codeOf(error) === 'EAGAIN') return rest;
      throw error;
    }
  }
  return rest;
}

/** Queues bytes to be written later. False when the queue is full. */
function enqueue(bytes: Buffer): boolean {
  if (queuedBytes + bytes.length > MAX_QUEUED_BYTES) {
    dropped += 1;
    return false;
  }
  queue.push(bytes);
  queuedBytes += bytes.length;
  timer ??= setInterval(drain, RETRY_INTERVAL_MS);
  return true;
}

/** Writes the queue, in order, as far as the pipe accepts it. */
function drain(): void {
  try {
    while (queue[0]) {
      const rest = tryWrite(queue[0]);
      queuedBytes -= queue[0].length - rest.length;
      if (rest.length > 0) {
        queue[0] = rest;
        return;
      }
      queue.shift();
    }
  } catch {
    dropped += queue.length;
    queue = [];
    queuedBytes = 0;
  }
  clearInterval(timer);
  timer = undefined;
}

let sleepCell: Int32Array | undefined;

/** Retries the queue while the call may still wait. Sleeping helps, because the pipe's reader is another process. */
function waitForReader(): void {
  sleepCell ??= new Int32Array(new SharedArrayBuffer(4));
  const deadlineMs = performance.now() + MAX_WAIT_MS;
  while (queue.length > 0 && performance.now() < deadlineMs) {
    Atomics.wait(sleepCell, 0, 0, 1);
    drain();
  }
}

/** Queues bytes that could not be written, and waits a moment for the reader. */
function enqueueAndWait(bytes: Buffer): boolean {
  const isQueued = enqueue(bytes);
  waitForReader();
  return isQueued;
}

/**
 * Writes one line to stdout before it returns: with one system call and without `process.stdout`, whose first use costs
 * milliseconds. Never throws. While nothing reads, lines are queued in order; when the queue is full or stdout is
 * broken, they are dropped and counted. True when the line is written or queued.
 */
export function writeLine(line: string): boolean {
  const text = `${line}\n`;
  if (queue.length > 0) {
    drain();
    if (queue.length > 0) return enqueue(Buffer.from(text));
  }
  try {
    const written = fs.writeSync(STDOUT, text);
    if (written >= text.length && written === Buffer.byteLength(text)) return true;
    return enqueueAndWait(Buffer.from(text).subarray(written));
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return enqueueAndWait(Buffer.from(text));
    dropped += 1;
    return false;
  }
}

/** Counts a line or a field that was lost before it could be written. */
export function countDropped(): void {
  dropped += 1;
}

/** The number of lost lines and fields that no line has reported yet. */
export function readDropped(): number {
  return dropped;
}

/** Subtracts losses that a line has now reported. */
export function subtractDropped(reported: number): void {
  dropped -= reported;
}
